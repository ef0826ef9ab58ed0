"""My tips: the offers that a user finds again, what they have muted, and their own quiet hours."""
