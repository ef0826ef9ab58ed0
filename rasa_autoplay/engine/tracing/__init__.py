"""The engine's part of traces: events, decisions, offers and answers."""
