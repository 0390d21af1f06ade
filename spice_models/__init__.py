"""Circuits of Josephson junctions and resistive memory: description, cells, dialects, engines, analysis."""
