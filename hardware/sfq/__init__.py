"""Pulse-level models of single-flux-quantum cells, and how they are measured from the circuits."""
