"""`rasa-autoplay verify` in a real browser, and the app that it is tried on."""
