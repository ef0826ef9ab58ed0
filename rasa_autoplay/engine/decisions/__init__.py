"""From a changed session to an offer: evaluates triggers, asks the gates, follows each offer's life."""
