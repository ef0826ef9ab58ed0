"""Stores pauses and the log of changes in a database."""
