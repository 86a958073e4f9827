"""The recipe: from a small model to one that reasons, and to a live site. ``docs/training.md`` is its guide.

Serving never imports this room. torch and its kin are imported when a stage that needs them runs.
"""
