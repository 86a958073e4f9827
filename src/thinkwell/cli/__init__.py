"""The command ``thinkwell``."""
