"""Metrics in Prometheus' text format: what both processes need to count, describe and serve them."""
