"""The recorder of golden paths: links to the app's page, keys, and the actions that it records."""
