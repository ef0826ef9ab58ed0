"""posthog-js requests, and the actions made of them."""
