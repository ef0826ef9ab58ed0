"""`rasa-autoplay init`: edits a team's Rasa project."""
