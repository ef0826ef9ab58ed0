"""The product as its users meet it: both real servers, real clients, stand-ins for what lies outside."""
