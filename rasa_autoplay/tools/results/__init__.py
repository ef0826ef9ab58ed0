"""`rasa-autoplay results`: does help help? Tables and web pages."""
