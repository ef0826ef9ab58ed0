"""User memory in a database."""
