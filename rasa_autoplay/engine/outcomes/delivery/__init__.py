"""Delivers outcomes: signed webhooks, events in PostHog, and the queue for Rasa's event broker."""
