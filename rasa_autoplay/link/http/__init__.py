"""The link over HTTP: one Rasa server, one engine."""
