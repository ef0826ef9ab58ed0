"""The link within one process: the engine runs in the Rasa server."""
