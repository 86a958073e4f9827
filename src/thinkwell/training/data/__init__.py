"""The data of a run: gathered from parts, checked, mixed, counted, written. ``recipe.py`` leads through."""
