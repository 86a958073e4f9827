"""Engines: servers that run models. They know no turns, no people and no thought."""
