"""Traces with OpenTelemetry: one for each offer, across both processes."""
