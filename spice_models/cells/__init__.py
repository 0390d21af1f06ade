"""Josephson and memristor cells as functions that return subcircuits with documented ports."""
