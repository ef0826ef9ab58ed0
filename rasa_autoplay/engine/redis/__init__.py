"""Several engines share the users through Redis."""
