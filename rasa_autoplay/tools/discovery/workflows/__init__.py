"""Finds workflows: what many users do in one order before an act that ends in success."""
