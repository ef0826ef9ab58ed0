"""Strangers try what they can: none gets in, and none stops the others."""
