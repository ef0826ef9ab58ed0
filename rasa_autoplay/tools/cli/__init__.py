"""The command `rasa-autoplay`, one file per subcommand."""
