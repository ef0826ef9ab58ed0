"""The bot's own sentences in ten languages, and how names are inserted in them."""
