"""The models in which all sources end."""
