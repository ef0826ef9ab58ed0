"""The story in a terminal, told by both real processes: ``make demo``, or ``python -m example_bot.demo``."""
