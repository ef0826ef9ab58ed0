"""What users live through, in a real browser, with real servers."""
