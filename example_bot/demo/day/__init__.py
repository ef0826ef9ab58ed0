"""A day of made-up users, so that the demo's studio has something to show: ``python -m example_bot.demo.day``.

Nothing here is a real person. Every user has the property ``made_up``.
"""
