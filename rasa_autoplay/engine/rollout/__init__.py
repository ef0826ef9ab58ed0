"""Rollout: which users get an offer, and which variant of it."""
