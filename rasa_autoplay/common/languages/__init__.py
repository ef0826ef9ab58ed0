"""Languages: BCP 47 tags, and texts that exist in several languages."""
