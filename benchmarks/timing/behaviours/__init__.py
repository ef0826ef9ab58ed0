"""The behaviour models of README.md: what users do in a session, and in which hidden state."""
