"""What both processes agree on inside a chat: the proactive intent, proofs of origin, safe links."""
