"""What would have been said? Recordings go through the real rules and courtesy, in simulated time."""
