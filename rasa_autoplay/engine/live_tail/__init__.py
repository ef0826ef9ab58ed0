"""What `rasa-autoplay tail` sees of the engine."""
