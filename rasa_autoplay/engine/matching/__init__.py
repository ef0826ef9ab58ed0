"""Does this action match this pattern? Used by triggers and golden paths."""
