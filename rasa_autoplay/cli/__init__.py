"""The command ``rasa-autoplay``."""
