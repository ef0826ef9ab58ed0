"""Which arm and variant each user must get, worked out by a formula of its own."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

__all__ = ["ASSIGNING", "USERS", "assigned", "counted_as_shown", "expected"]

USERS = [f"user {number}" for number in range(40)]
SHARE, HELD_OUT, SHARE_OF_A = 0.4, 0.25, 1 / 4
#: The settings by which :func:`expected` assigns users. Each save is an opportunity.
ASSIGNING = """\
product_id: demo
session: {interaction_timeout: 0, cooldown: 0}
courtesy: {min_interval: 0}
holdout: {share: 25%, salt: everybody}
triggers:
  - id: saved
    when: {count: {title: save, at_least: 1}}
    offer_ttl: 1s
    rollout: {share: 40%, salt: spring}
    variants:
      - {id: a, body: A?}
      - {id: b, body: B?, weight: 3}
"""


def _place(*parts: str) -> float:
    text = b"".join(len(part.encode()).to_bytes(8, "big") + part.encode() for part in parts)
    return int(hashlib.sha256(text).hexdigest()[:16], 16) / 2**64


def expected(user_id: str) -> tuple[str, str]:
    """Return the arm and the variant of a user."""
    variant = "a" if _place("variant", "spring", "saved", user_id) < SHARE_OF_A else "b"
    if _place("holdout", "everybody", user_id) < HELD_OUT:
        return "holdout", variant
    return ("shown" if _place("share", "spring", "saved", user_id) < SHARE else "control"), variant


def assigned(database: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the arm and variant of every decision, by user."""
    found: dict[str, list[tuple[str, str]]] = {}
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT user_id, arm, variant FROM autoplay_offers ORDER BY created_at"
        for user_id, arm, variant in connection.execute(query):
            found.setdefault(user_id, []).append((arm, variant))
    return found


def counted_as_shown(database: Path) -> set[str]:
    """Return the users with an offer that was shown, or counts as shown."""
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT user_id FROM autoplay_offers WHERE rendered_at > 0"
        return {user_id for (user_id,) in connection.execute(query)}
