"""Model cards: the catalogue, where weights come from, dialects by name."""
