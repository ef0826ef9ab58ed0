"""Finds detours: long ways to an end that other users reach by a shorter way."""
