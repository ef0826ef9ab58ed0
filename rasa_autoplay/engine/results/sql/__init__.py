"""Reads results from the database, and stores the daily counts of gates."""
