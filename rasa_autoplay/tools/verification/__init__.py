"""`rasa-autoplay verify`: walks the golden paths in a browser and reports what the app no longer has."""
