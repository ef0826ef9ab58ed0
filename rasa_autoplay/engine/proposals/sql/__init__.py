"""Reads from the database what proposals have done, and lets one engine of several promote."""
