"""Doors: parse a wire shape into values, print events in the caller's dialect. No step happens here."""
