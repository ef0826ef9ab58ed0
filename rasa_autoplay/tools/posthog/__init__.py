"""Creates and checks our destination in PostHog."""
