"""Replays large recordings in processes that each read the sessions of their own users."""
