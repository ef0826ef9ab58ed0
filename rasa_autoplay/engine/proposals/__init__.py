"""Proposals of triggers: a proposal's folder and stage, and the rule and the steps from draft to live."""
