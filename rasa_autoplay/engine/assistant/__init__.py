"""Answers in the chat, based on the golden paths and on the user's actions."""
