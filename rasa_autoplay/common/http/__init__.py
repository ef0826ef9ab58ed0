"""HTTP helpers for both processes: request bodies, answers, rate limits, server-sent events."""
