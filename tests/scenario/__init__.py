"""The product as its users see it: both real servers, real clients, and stand-ins for everything external."""
