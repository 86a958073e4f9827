"""Who asks: visitors, and people named by the operator's sign-in proxy; accounts and keys join here.
Knows no turn and no door."""
