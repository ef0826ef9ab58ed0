"""Drafts of golden paths that people record in the page: checks, storage, and the change of the file."""
