"""The chat window of our own, in a real Chromium, before a python-socketio server that misbehaves."""
