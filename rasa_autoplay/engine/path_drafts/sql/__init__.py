"""Stores drafts of golden paths in a database."""
