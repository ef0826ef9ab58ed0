"""Writes a made-up day into a database, instead of the one that is there."""

from __future__ import annotations

from pathlib import Path

from example_bot.demo.day.forget import forget_day, mark_counts
from example_bot.demo.day.people import SEED, USERS, made_up_users
from example_bot.demo.day.play_day import DayReport, play_day

__all__ = ["seed_day"]


async def seed_day(config: Path, app_url: str, end: float, users: int = USERS) -> DayReport:
    """Write the day.

    Args:
        config: ``autoplay.yml``.
        app_url: the address of the host app.
        end: when the day ends, epoch seconds.
        users: how many users come.

    Raises:
        ConfigError: the file is wrong.
    """
    forget_day(config, [user.user_id for user in made_up_users(users)])
    report = await play_day(config, app_url, end, SEED, users)
    mark_counts(config, report.engine_id)
    return report
