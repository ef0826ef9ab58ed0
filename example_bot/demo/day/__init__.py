"""A day of made-up users, to fill the demo's studio: ``python -m example_bot.demo.day``.

Nothing here is a real person. Every user has the property ``made_up``.
"""
