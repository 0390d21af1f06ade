"""The engine ``brian2``, interpreted or compiled."""
