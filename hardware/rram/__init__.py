"""Resistive-memory hardware: cells, crossbar arrays and what drives them."""
