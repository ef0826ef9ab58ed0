"""Stores in a database what freshness has observed and found."""
