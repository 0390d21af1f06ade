"""Arrays as netlists for circuit simulators."""
