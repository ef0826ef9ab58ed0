"""The studio, the operators' page: sign-in, its files, its routes."""
