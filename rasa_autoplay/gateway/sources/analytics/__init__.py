"""Amplitude and FullStory as sources."""
