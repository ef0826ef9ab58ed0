"""`rasa-autoplay discover`: finds triggers and golden paths to propose in recordings."""
