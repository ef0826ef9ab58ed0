"""What is remembered about users between sessions."""
