"""Stores recorded sessions in a database."""
