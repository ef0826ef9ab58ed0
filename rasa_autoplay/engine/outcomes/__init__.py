"""Outcomes: tells other systems what became of each offer."""
