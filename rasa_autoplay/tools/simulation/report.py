"""The JSON report of ``simulate --json``.

Its keys are stable: new ones may be added, but none are removed or renamed.
"""

from __future__ import annotations

import math
from dataclasses import asdict, fields
from typing import Any

from rasa_autoplay.engine.replay.comparison import Comparison
from rasa_autoplay.engine.replay.results import Fire, Outcome, Suppression
from rasa_autoplay.tools.simulation.figures import figures_of
from rasa_autoplay.tools.simulation.recordings import Recordings

__all__ = ["as_json"]

_OF_FIRE = [field.name for field in fields(Fire) if field.name != "body"]
_OF_SUPPRESSION = [field.name for field in fields(Suppression)]


def as_json(recordings: Recordings, outcome: Outcome, comparison: Comparison | None) -> dict[str, Any]:
    """Return everything except the actions; times are epoch seconds."""
    report: dict[str, Any] = {
        "config": outcome.config,
        "product_id": outcome.product_id,
        "files": [str(file) for file in recordings.files],
        "events": outcome.counts["actions"],
        "sessions": len(outcome.sessions),
        "user_count": len({story.user_id for story in outcome.sessions.values() if story.user_id}),
        "from": min(story.times[0] for story in outcome.sessions.values()),
        "until": max(story.times[-1] for story in outcome.sessions.values()),
        "assumptions": asdict(outcome.assumptions),
        "triggers": {figures.trigger_id: _figures(asdict(figures)) for figures in figures_of(outcome)},
        "external_triggers": outcome.external_ids,
        "fires": [_fire(fire) for fire in outcome.fires],
        "withheld": [_fire(fire) for fire in outcome.withheld],
        "suppressed": [_suppression(suppression) for suppression in outcome.suppressed],
        "sessions_looked_at_for_near_misses": outcome.looked_at,
        "near_misses": [asdict(miss) for miss in outcome.near_misses],
        "users": {user_id: user.as_dict() for user_id, user in outcome.users.items()},
        "trigger_errors": outcome.counts["trigger_errors"],
        "skipped": {
            **{reason: count for reason, count in recordings.skipped.items() if count},
            "duplicate_actions": outcome.counts["duplicate_actions"],
        },
        "other_products": dict(recordings.other_products),
        "unreadable": [asdict(line) for line in recordings.unreadable],
        "other_files": {str(file): other.what for file, other in recordings.other_files.items()},
    }
    if comparison is not None:
        report["compared_with"] = _comparison(comparison)
    return report


def _figures(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if name != "trigger_id"}


def _fire(fire: Fire) -> dict[str, Any]:
    return {name: getattr(fire, name) for name in _OF_FIRE}


def _suppression(suppression: Suppression) -> dict[str, Any]:
    never = suppression.until == math.inf
    described = {name: getattr(suppression, name) for name in _OF_SUPPRESSION}
    return {**described, "until": None if never else suppression.until}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "config": comparison.config,
        "newly": [_fire(fire) for fire in comparison.newly],
        "no_longer": [_fire(fire) for fire in comparison.no_longer],
        "moved": [{**_fire(now), "other_at": other.at} for now, other in comparison.moved],
    }
