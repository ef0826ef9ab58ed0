"""Results: does help help? Funnels, comparisons of arms, and their intervals."""
