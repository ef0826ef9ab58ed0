"""What is happening now, told to operators' terminals."""
