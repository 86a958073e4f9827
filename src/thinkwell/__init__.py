"""Thinkwell: a public reasoning assistant on your own machines. Importing this package does nothing."""

__version__ = "0.1.0"
