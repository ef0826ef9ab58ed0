"""The triggers that autoplay.yml configures: reads them, and finds those that an event affects."""
