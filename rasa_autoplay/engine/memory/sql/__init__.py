"""Stores user memory in a database."""
