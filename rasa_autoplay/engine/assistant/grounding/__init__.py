"""Checks that an answer names only what the app and its golden paths really have."""
