"""The gateway's metrics: sources, feeds, the link, the journal, latencies."""
