"""Stores in a database what users have muted, and their own quiet hours."""
