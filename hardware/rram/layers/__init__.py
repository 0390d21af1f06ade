"""Matrices on arrays: weights, tiles, converters, compensation, cost."""
