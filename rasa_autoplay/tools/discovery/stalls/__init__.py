"""Finds stalls: steps of workflows at which more users than elsewhere give up, fail, or try again."""
