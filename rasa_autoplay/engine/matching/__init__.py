"""Patterns that match actions, for triggers and golden paths."""
