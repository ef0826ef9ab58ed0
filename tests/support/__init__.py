"""Stand-ins and helpers for tests that start real servers."""
