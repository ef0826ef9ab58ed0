"""Replays recorded sessions through the engine's own decisions, on a simulated clock."""
