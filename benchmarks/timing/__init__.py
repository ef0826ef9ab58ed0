"""A public benchmark: when should help be offered? README.md describes it."""
