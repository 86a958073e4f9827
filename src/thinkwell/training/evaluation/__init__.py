"""How good a model is, through the engine that serves it: figures, their intervals, what they cost."""
