"""Who may do what, and how often: origins, keys, identity, rate limits."""
