"""Tests of the browser's script against a tiny stand-in for the Rasa server."""
