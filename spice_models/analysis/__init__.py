"""What a simulated circuit did: pulses, energy, margins."""
