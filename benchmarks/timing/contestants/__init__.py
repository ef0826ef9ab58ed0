"""The baselines, and the product itself as contestants."""
