"""Pulses that write an array, and what they do to it."""
