"""What health says about the receivers of outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_autoplay.common.checks import Observation, Problem, error, not_seen, seen, warning
from rasa_autoplay.gateway.studio.health import HealthReport

__all__ = ["deliveries", "receivers"]

_LIST = "rasa-autoplay outcomes --live URL"
#: A receiver may fail now and then.
_MANY_WAIT = 20


def receivers(report: HealthReport) -> Iterator[Problem]:
    """Each receiver of outcomes accepts them."""
    for name, target in _targets(report).items():
        waiting, failed, dropped = (int(target.get(each) or 0) for each in ("waiting", "failed", "dropped"))
        if target.get("state") == "gone":
            yield error(
                f"{name} has answered 410 Gone, so it gets nothing: {waiting} outcomes wait",
                "correct outcomes in autoplay.yml, or let them be sent again: "
                f"`{_LIST} --resend-since 7d` (docs/outcomes.md)",
            )
        elif target.get("problem") and (target.get("state") == "down" or waiting > _MANY_WAIT):
            yield warning(
                f"{name} does not accept outcomes: {target['problem']}. {waiting} wait",
                f"see the receiver's log; `{_LIST}` lists what waits",
            )
        if failed:
            yield warning(
                f"{failed} outcomes for {name} failed after eight attempts",
                f"`{_LIST}` lists them, and `--resend` sends them again",
            )
        if dropped:
            yield warning(
                f"{dropped} outcomes for {name} were deleted undelivered: too many waited, or for too long",
                "let the receiver accept them, or raise outcomes.max_rows and outcomes.keep",
            )
    broker = report.health.get("event_broker") or {}
    if broker.get("problem"):
        yield warning(
            f"outcomes cannot be published in the event broker: {broker['problem']}",
            "check event_broker in endpoints.yml, and see the Rasa server's log",
        )


def deliveries(report: HealthReport) -> Iterator[Observation]:
    """Each receiver has got an outcome."""
    for name, target in _targets(report).items():
        if target.get("delivered"):
            yield seen(f"{name} has got {target['delivered']} outcomes")
        elif not target.get("problem"):
            yield not_seen(
                f"{name}: no outcome was delivered yet",
                "make an offer: outcomes follow within a second"
                if name != "event_broker"
                else "add event_broker to endpoints.yml, and make an offer",
            )


def _targets(report: HealthReport) -> Mapping[str, Mapping[str, Any]]:
    """All engines of a product share the same outcomes. A receiver is down if it is for one of them."""
    found: dict[str, Mapping[str, Any]] = {}
    for engine in report.engines.values():
        for name, target in (engine.get("outcomes") or {}).items():
            if name not in found or target.get("state") != "ok":
                found[name] = target
    return found
