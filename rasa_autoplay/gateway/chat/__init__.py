"""The chat channel, and how the bot opens a conversation."""
