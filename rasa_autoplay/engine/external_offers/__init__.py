"""Offers from the team's own code: they pass the same gates, and a retry gets the same answer."""
