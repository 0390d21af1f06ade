"""What cases and commands print."""
