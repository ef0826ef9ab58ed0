"""Recordings as columns of numbers, and what several miners ask of them."""
