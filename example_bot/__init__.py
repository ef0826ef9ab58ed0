"""An example: a small Rasa bot for a projects page, made proactive with rasa_autoplay."""
