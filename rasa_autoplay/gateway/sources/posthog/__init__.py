"""PostHog as a source: capture, destination, session replays."""
