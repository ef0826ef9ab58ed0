"""Checks that a sentence claims nothing that its golden path does not say."""
