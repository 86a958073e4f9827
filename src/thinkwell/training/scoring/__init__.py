"""How parts of an answer are read and judged. ``training/verifiers.py`` is the room's one way in."""
