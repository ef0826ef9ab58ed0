"""Several Rasa servers share the users through Redis."""
