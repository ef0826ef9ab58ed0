"""What users did, step by step: on which controls, at what cost, and how a path describes it."""
