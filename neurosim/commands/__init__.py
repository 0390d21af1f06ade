"""The commands of `neurosim`, one module each, loaded when the command is called."""
