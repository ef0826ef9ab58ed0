"""Finds features that few users know, and that shorten what many do."""
