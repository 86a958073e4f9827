"""The simulated engine: a pure machine of step times, and a server around it that speaks HTTP."""
