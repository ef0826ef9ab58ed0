"""The studio's screens in Chromium, served by a stand-in with canned answers."""
