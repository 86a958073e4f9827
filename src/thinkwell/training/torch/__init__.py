"""What computes with torch: the model with its adapter, losses, sampling, loops. Imported by stages only."""
