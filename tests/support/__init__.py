"""Stand-ins and helpers of the tests that start real servers."""
