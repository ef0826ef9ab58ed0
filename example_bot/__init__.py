"""An example: a small Rasa bot about a projects page, made proactive with rasa_autoplay."""
