"""`rasa-autoplay tail`: reads the running engine."""
