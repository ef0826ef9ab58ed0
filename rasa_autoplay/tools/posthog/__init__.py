"""Creates and checks the bot's destination in PostHog."""
