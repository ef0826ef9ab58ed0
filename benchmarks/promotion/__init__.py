"""Useful and harmful triggers in a population that reacts: which of them does the rule make live?"""
