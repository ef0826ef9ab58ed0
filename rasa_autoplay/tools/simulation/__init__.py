"""`rasa-autoplay simulate`: replays recorded sessions and reports which offers would have been made."""
