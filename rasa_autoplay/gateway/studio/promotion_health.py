"""What health says about proposals that the engine promotes by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_autoplay.common.checks import Observation, Problem, error, not_seen, seen
from rasa_autoplay.gateway.studio.health import HealthReport

__all__ = ["looks", "stuck_steps"]


def stuck_steps(report: HealthReport) -> Iterator[Problem]:
    """The engine can take the steps that the rule says."""
    for promotion in _promotions(report):
        if promotion.get("problem"):
            yield error(
                f"proposals cannot be promoted: {str(promotion['problem']).rstrip('.')}",
                "let the engine's user write to autoplay.yml, its folder and the proposals, or set "
                "discover: {promote: never}, and take the steps yourself (docs/discover.md)",
            )


def looks(report: HealthReport) -> Iterator[Observation]:
    """The rule has looked at the proposals."""
    promotions = list(_promotions(report))
    if any(promotion.get("looked_at") for promotion in promotions):
        steps = sum(int(promotion.get("steps") or 0) for promotion in promotions)
        yield seen(f"the rule has looked at the proposals, and taken {steps} steps since the engines started")
    elif promotions:
        yield not_seen(
            "the rule has not looked at the proposals since the engines started",
            "wait: one engine looks once a day",
        )


def _promotions(report: HealthReport) -> Iterator[Mapping[str, Any]]:
    for engine in report.engines.values():
        if engine.get("promotion"):
            yield engine["promotion"]
