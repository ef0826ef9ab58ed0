"""Live sessions: recent actions, state machine, summary."""
