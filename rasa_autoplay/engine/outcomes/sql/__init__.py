"""Stores outcomes in the database until they are delivered."""
