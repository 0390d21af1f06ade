"""The behavioral level: superconducting and resistive-memory devices, cells and arrays, without any network."""
