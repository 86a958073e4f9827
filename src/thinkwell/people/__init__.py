"""Who asks: visitors now; members, keys and sign-in join here. Knows no turn and no door."""
