"""The formats of recordings: one reader each, chosen by the content of a file."""
