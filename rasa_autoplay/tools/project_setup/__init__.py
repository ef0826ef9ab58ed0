"""`rasa-autoplay init` and `record`: edits a team's Rasa project."""
