"""The story in a terminal, on both real processes: ``make demo`` or ``python -m example_bot.demo``."""
