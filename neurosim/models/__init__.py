"""Functions that return a network."""
