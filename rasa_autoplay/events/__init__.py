"""The events that all sources deliver: their models, canonical URLs and failure signals."""
