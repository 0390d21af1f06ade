"""The array: its wires, its solutions, its transients."""
