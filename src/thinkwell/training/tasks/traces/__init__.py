"""Thoughts for a tiny model, written by rule: each step follows from what stands close before it.

``digits`` is how sums, products and quotients are worked out, the same in all tasks; the other modules
write the thoughts of one family of tasks each. Pure functions, the same for the same entry; they know no rows
and import no reasoning-gym.
"""
