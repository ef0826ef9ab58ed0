"""What a back-test tells: how many offers, for whom, and what differs from the loaded version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.engine.replay.comparison import Comparison, compare_fires
from rasa_autoplay.engine.replay.results import Fire
from rasa_autoplay.engine.rule_editor.replayed_fires import ASSUMPTIONS
from rasa_autoplay.engine.rule_editor.shard import Replayed

__all__ = ["RecordingSize", "backtest_report", "joined", "session_report", "sweep_report"]

_SAMPLES = 10
_APPROXIMATIONS = (
    ASSUMPTIONS.to_text(),
    "Memory and earlier offers begin with the recording, so users are new in their first recorded session.",
    "Pauses, the language model and events after the recording are left out.",
)


@dataclass(frozen=True)
class RecordingSize:
    """How much was recorded.

    Args:
        events: the actions.
        users: the users.
        user_days: the days on which users were active, over all users.
        first_at: the first event, epoch seconds.
        last_at: the last event, epoch seconds.
    """

    events: int = 0
    users: int = 0
    user_days: int = 0
    first_at: float = 0.0
    last_at: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the figures for the page."""
        return {
            "events": self.events,
            "users": self.users,
            "first_at": self.first_at,
            "last_at": self.last_at,
        }


def joined(shares: Iterable[Replayed]) -> Replayed:
    """Join what the shares of the recording say."""
    listed = list(shares)
    return Replayed(
        sum(each.reachable for each in listed),
        sum(each.replayed for each in listed),
        sum(each.events for each in listed),
        [
            [fire for fires in of_version for fire in fires]
            for of_version in zip(*(each.fires for each in listed), strict=True)
        ],
    )


def backtest_report(
    size: RecordingSize, replayed: Replayed, loaded_id: str, draft_id: str, took_s: float
) -> dict[str, Any]:
    """Return the answer of a back-test.

    Args:
        size: of the recording.
        replayed: of the loaded version and the draft, in this order.
        loaded_id: the trigger's id in the loaded version; empty if it is new.
        draft_id: its id in the draft.
        took_s: how long it took, in seconds.
    """
    loaded, draft = replayed.fires
    own_loaded = [fire for fire in loaded if fire.trigger_id == loaded_id]
    own_draft = [_renamed(fire, loaded_id or draft_id) for fire in draft if fire.trigger_id == draft_id]
    own = compare_fires(own_loaded, own_draft)
    others = compare_fires(
        (fire for fire in loaded if fire.trigger_id != loaded_id),
        (fire for fire in draft if fire.trigger_id != draft_id),
    )
    scale = replayed.reachable / replayed.replayed if replayed.replayed else 1.0
    return {
        "recording": size.as_json(),
        "reachable": replayed.reachable,
        "replayed": replayed.replayed,
        "is_complete": replayed.replayed >= replayed.reachable,
        "loaded": _volume(own_loaded, scale, size),
        "draft": _volume(own_draft, scale, size),
        **_changes(own, scale),
        "others": _changes(others, scale),
        "samples": _samples(own, own_draft),
        "events_replayed": replayed.events,
        "took_s": round(took_s, 3),
        "approximations": list(_APPROXIMATIONS),
    }


def session_report(of_user: Replayed, session_id: str, loaded_id: str, draft_id: str) -> dict[str, Any]:
    """Return the trigger's offers in one session.

    Args:
        of_user: the loaded version and the draft, replayed for the session's user.
        session_id: the session.
        loaded_id: the trigger's id in the loaded version; empty if it is new.
        draft_id: its id in the draft.

    Returns:
        ``{session_id, is_recorded, loaded, draft}``; the last two list the times of the offers, epoch
        seconds. ``is_recorded`` says whether the user is in the recording.
    """
    loaded, draft = (
        [fire.at for fire in fires if (fire.session_id, fire.trigger_id) == (session_id, trigger_id)]
        for fires, trigger_id in zip(of_user.fires, (loaded_id, draft_id), strict=True)
    )
    return {
        "session_id": session_id,
        "is_recorded": of_user.reachable > 0,
        "loaded": loaded,
        "draft": draft,
    }


def _renamed(fire: Fire, trigger_id: str) -> Fire:
    if fire.trigger_id == trigger_id:
        return fire
    return Fire(trigger_id, fire.user_id, fire.session_id, fire.at, fire.body, fire.page)


def _volume(fires: Sequence[Fire], scale: float, size: RecordingSize) -> dict[str, Any]:
    count = round(len(fires) * scale)
    return {
        "fires": count,
        "users": round(len({fire.user_id for fire in fires}) * scale),
        "per_user_day": round(len(fires) * scale / size.user_days, 4) if size.user_days else 0.0,
    }


def _changes(comparison: Comparison, scale: float) -> dict[str, int]:
    return {
        "new": round(len(comparison.newly) * scale),
        "gone": round(len(comparison.no_longer) * scale),
        "moved": round(len(comparison.moved) * scale),
    }


def _samples(own: Comparison, draft: Sequence[Fire]) -> list[dict[str, Any]]:
    """Return up to ten sessions: first those that differ, evenly from each kind, then others."""
    new = [_sample("new", fire) for fire in own.newly]
    gone = [_sample("gone", fire) for fire in own.no_longer]
    moved = [{**_sample("moved", other), "loaded_at": fire.at} for fire, other in own.moved]
    kinds = [new, gone, moved]
    mixed = [kind[n] for n in range(_SAMPLES) for kind in kinds if n < len(kind)]
    seen = {(each["session_id"], each["at"]) for each in mixed}
    same = [_sample("same", fire) for fire in draft if (fire.session_id, fire.at) not in seen]
    return (mixed + same)[:_SAMPLES]


def _sample(kind: str, fire: Fire) -> dict[str, Any]:
    return {
        "kind": kind,
        "user_id": fire.user_id,
        "session_id": fire.session_id,
        "at": fire.at,
        "page": fire.page,
    }


def sweep_report(
    replayed: Replayed, values: Sequence[Any], draft_ids: Sequence[str], current: Any, took_s: float
) -> dict[str, Any]:
    """Return the volume for each value of a number.

    Args:
        replayed: of the versions with these values.
        values: the values.
        draft_ids: the trigger's id in each version.
        current: the value in the draft.
        took_s: how long it took, in seconds.
    """
    scale = replayed.reachable / replayed.replayed if replayed.replayed else 1.0
    points = []
    for value, trigger_id, fires in zip(values, draft_ids, replayed.fires, strict=True):
        own = [fire for fire in fires if fire.trigger_id == trigger_id]
        users = {fire.user_id for fire in own}
        points.append(
            {
                "value": value,
                "fires": round(len(own) * scale),
                "users": round(len(users) * scale),
                "is_current": value == current,
            }
        )
    return {
        "points": points,
        "is_complete": replayed.replayed >= replayed.reachable,
        "reachable": replayed.reachable,
        "replayed": replayed.replayed,
        "took_s": round(took_s, 3),
    }
