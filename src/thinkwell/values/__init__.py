"""Frozen values that cross rooms. No I/O, no identity, no imports from other rooms."""
