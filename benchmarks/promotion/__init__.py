"""Useful and harmful triggers in a simulated population that reacts: which of them does the rule make live?"""
