"""Writes a made-up day into a database, instead of the one that is there."""

from __future__ import annotations

import random
from pathlib import Path

from example_bot.demo.day.forget import forget_day, mark_counts
from example_bot.demo.day.people import MadeUpUser, invent_users
from example_bot.demo.day.play_day import DayReport, play_day

__all__ = ["SEED", "USERS", "made_up_users", "seed_day"]

#: Another number invents another day.
SEED = 1
USERS = 180


def made_up_users() -> list[MadeUpUser]:
    """Return the users of the day."""
    return invent_users(random.Random(SEED), USERS)  # noqa: S311 - no secret


async def seed_day(config: Path, app_url: str, end: float) -> DayReport:
    """Write the day.

    Args:
        config: ``autoplay.yml``.
        app_url: the address of the host app.
        end: when the day ends, epoch seconds.

    Raises:
        ConfigError: the file is wrong.
    """
    forget_day(config, [user.user_id for user in made_up_users()])
    report = await play_day(config, app_url, end, SEED, USERS)
    mark_counts(config, report.engine_id)
    return report
