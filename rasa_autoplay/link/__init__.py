"""How the gateway and the engine communicate: messages and requests."""
