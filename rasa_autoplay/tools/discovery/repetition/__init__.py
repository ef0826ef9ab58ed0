"""Finds repetition: the same acts on one record after the other, which could be done at once."""
