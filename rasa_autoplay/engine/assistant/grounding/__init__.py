"""Checks that an answer says nothing that the app's real steps do not."""
