"""The engine's metrics: offers, gates, latencies, the language model, the database."""
