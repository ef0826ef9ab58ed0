"""Answers in the chat, grounded in the golden paths and in what the user did."""
