"""Changes while the engine runs: new versions of the files, pauses, and the log of both."""
