"""Measurements that commands run and draw."""
