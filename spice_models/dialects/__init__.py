"""Netlist dialects: circuits written for, and read from, other simulators."""
