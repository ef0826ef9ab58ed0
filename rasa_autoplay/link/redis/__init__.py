"""The link over Redis: several of each."""
