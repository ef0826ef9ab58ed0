"""Attacks by strangers: none gains access, and none disturbs other users."""
