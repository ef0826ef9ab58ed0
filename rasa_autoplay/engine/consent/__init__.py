"""Consent: who has agreed that something is kept about them, and what a withdrawal deletes."""
