"""What the studio shows of a proposal's ``evidence.json``, whose other fields it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = ["ShownEvidence", "shown_evidence"]

_MOST_ROWS = 50


class _Way(msgspec.Struct, frozen=True):
    acts: list[str] = []


class _Found(msgspec.Struct, frozen=True):
    users: int | None = None
    sessions: int | None = None
    times: int | None = None
    slow_way: _Way = _Way()
    fast_way: _Way = _Way()
    extra_acts: float | None = None
    extra_s: float | None = None
    seconds_per_week: float | None = None


class _Act(msgspec.Struct, frozen=True):
    act: str
    at_s: float = 0.0
    page: str = ""
    is_slow_way: bool = False


class _Example(msgspec.Struct, frozen=True):
    name: str
    duration_s: float
    acts: list[_Act] = []
    left_out: int = 0


class _Share(msgspec.Struct, frozen=True):
    share: float
    low: float
    high: float


class _BackTest(msgspec.Struct, frozen=True):
    fires: int
    fires_per_user_day: float
    users: int | None = None
    by_day: list[dict[str, Any]] = []
    went_on: _Share | None = None
    found: _Share | None = None
    neither: _Share | None = None
    found_share: float | None = None


class _NearMisses(msgspec.Struct, frozen=True):
    sessions_examined: int
    sessions: int
    missing: dict[str, int] = {}


class _Overlap(msgspec.Struct, frozen=True):
    trigger_id: str
    share: float


class _Verdict(msgspec.Struct, frozen=True):
    kind: str
    reason: str = ""
    change: str = ""


class ShownEvidence(msgspec.Struct, frozen=True):
    """The evidence, without what nobody reads in the page.

    ``docs/evidence.schema.json`` describes the fields. Each may be missing: somebody may have written the
    folder by hand.
    """

    kind: str = ""
    title: str = ""
    page: str = ""
    found: _Found = _Found()
    examples: list[_Example] = []
    backtest: _BackTest | None = None
    near_misses: _NearMisses | None = None
    overlap: list[_Overlap] = []
    not_compared: list[str] = []
    verdict: _Verdict | None = None

    def short(self) -> dict[str, Any]:
        """Return what the list shows: the kind, the cost to users, and the back-test in short."""
        found, test = self.found, self.backtest
        return {
            "kind": self.kind,
            "users": found.users,
            "sessions": found.sessions,
            "times": found.times,
            "extra_acts": found.extra_acts,
            "extra_s": found.extra_s,
            "cost_s": found.seconds_per_week,
            "backtest": test
            and {"fires_per_user_day": test.fires_per_user_day, "found_share": test.found_share},
        }

    def whole(self) -> dict[str, Any]:
        """Return what the page of a proposal shows."""
        test = self.backtest
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return {
            **self.short(),
            "page": self.page,
            "slow_way": list(self.found.slow_way.acts[:_MOST_ROWS]),
            "fast_way": list(self.found.fast_way.acts[:_MOST_ROWS]),
            "backtest": test and {**plain["backtest"], "by_day": None, "days": len(test.by_day)},
            "near_misses": plain["near_misses"],
            "overlap": plain["overlap"][:_MOST_ROWS],
            "not_compared": plain["not_compared"][:_MOST_ROWS],
            "examples": plain["examples"][:10],
            "verdict": plain["verdict"],
        }


def shown_evidence(evidence: Mapping[str, Any]) -> tuple[ShownEvidence, str]:
    """Return what is shown, and what is wrong with the file; without wrong fields if there are any.

    Args:
        evidence: ``evidence.json`` as plain data.
    """
    try:
        return msgspec.convert(evidence, ShownEvidence), ""
    except msgspec.ValidationError as problem:
        return ShownEvidence(title=str(evidence.get("title") or "")), str(problem)
