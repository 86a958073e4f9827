"""``thinkwell train``: the commands of the recipe. Options and printing; training/ does the work."""
