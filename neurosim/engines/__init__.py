"""Engines: one module each, which runs a network at one level and returns a `neurosim.run.Run`."""
