"""Runs in the Rasa server: receives events, shows toasts, opens chats."""
