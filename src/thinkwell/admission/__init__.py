"""May this caller ask this now? Limits of size and shape; quotas and abuse control join here. Pure."""
