"""Networks placed on hardware: which cells stand for what, and the circuits that come of it."""
