"""Recorded sessions: what users did and what was decided, masked and limited, if the team wants it."""
