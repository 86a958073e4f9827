"""One turn, from admission to receipt: the conductor, the numbered log, the registry of live turns."""
