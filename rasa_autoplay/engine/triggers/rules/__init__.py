"""Triggers written in YAML: conditions and their grammar."""
