"""Runs in the action server (or a process of its own): sessions, triggers, offers, memory, the assistant."""
