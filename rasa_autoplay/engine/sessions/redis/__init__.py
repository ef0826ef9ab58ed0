"""Stores live sessions in Redis."""
