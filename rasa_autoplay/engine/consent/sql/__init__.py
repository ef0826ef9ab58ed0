"""Stores in a database who has given consent."""
