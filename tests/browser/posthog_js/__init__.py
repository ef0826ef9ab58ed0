"""What real pages do with posthog-js: old versions, all kinds of identities, clicks that leave the page."""
