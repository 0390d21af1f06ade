"""The engine ``discrete``: neurons in fixed steps, in one compiled loop."""
