"""Consent: nothing about a user passes the gateway before the user's page has said that it may."""
