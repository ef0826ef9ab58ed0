"""Triggers: when is help welcome?"""
