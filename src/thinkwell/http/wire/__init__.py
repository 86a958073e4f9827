"""Wire shapes: what crosses the network. Parsed in a handler's first lines, printed in its last."""
