"""Runs the engine in a server: the action server's, the Rasa server's, or one of its own."""
