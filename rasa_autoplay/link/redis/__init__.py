"""The link over Redis: several Rasa servers, several engines."""
