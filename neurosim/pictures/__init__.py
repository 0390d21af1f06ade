"""Pictures of networks, spikes, circuits and studies."""
