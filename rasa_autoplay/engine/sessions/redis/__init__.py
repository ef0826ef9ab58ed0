"""Live sessions kept in Redis."""
