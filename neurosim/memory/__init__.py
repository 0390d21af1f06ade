"""A content-addressable memory of spiking neurons to work with."""
