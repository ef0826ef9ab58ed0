"""`rasa-autoplay simulate`: replays recorded sessions and reports what would have been said."""
