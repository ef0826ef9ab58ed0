"""Stores in a database which offers the team's code has asked for, and the answers."""
