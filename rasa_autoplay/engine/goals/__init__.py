"""Goals: what users reach after a decision, with or without an offer."""
