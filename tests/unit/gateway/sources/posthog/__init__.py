"""What posthog-js sends, and what is made of it."""
