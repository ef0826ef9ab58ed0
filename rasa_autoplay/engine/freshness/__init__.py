"""Freshness: notices when users no longer do a step of a golden path as the path says."""
