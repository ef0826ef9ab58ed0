"""Tours on the page, made of golden paths."""
