"""The studio's rule editor: one trigger as text and as blocks, its back-test, and the change of the file."""
