"""Code that every part may use: HTTP helpers, identities, tasks and timers."""
