"""Golden paths: the workflows of the app, and how far a user has come in each."""
