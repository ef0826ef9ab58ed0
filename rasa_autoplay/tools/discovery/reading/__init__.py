"""Reads recordings into columns, in several processes."""
