"""Replays recorded sessions through the core that makes decisions, on a simulated clock."""
