"""How the gateway and the engine talk: messages and requests."""
