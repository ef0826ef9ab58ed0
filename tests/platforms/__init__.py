"""What is tried on each supported combination of Rasa and Python; see ``make platforms``."""
