"""Sources of events: Autoplay's stream, webhook and live activity, and what they share."""
