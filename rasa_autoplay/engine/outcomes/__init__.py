"""Outcomes: tells other systems what became of each offer, by webhook, in PostHog and through Rasa's event broker."""
