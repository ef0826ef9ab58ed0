"""The folder of a proposal: its trigger, its path, and the evidence with a back-test on held-out days."""
