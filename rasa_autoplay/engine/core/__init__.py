"""The core that makes decisions, and what it works on; the engine and replays assemble it."""
