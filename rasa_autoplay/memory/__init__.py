"""What is remembered of a user across sessions."""
