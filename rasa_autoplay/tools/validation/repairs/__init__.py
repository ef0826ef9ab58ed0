"""Proposes the corrected line for an error in a YAML file."""
