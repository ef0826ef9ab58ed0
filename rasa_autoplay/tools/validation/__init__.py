"""`rasa-autoplay validate`: checks the files before anything starts."""
