"""The HTTP routes under /webhooks/autoplay."""
