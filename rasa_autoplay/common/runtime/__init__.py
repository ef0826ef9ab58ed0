"""The event loop's helpers: tasks, timers, threads with limits, back-off."""
