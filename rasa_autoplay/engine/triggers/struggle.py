"""The built-in trigger ``struggle``: the user tries and gets nowhere.

People first try on their own, and do not want help then (Novick, Andrade & Bean 2009). So failures
count only once the user pauses. A user who does nothing at all may have left the desk, so time alone does not
count. ``benchmarks/timing`` measures what these choices are worth.
"""

from __future__ import annotations

from typing import Any

from rasa_autoplay.settings.durations import Duration, format_duration
from rasa_autoplay.settings.models import Field, Settings

__all__ = ["Struggle", "when_struggling"]


class Struggle(Settings):
    """The user tries and gets nowhere: failures and a pause, one step for long, or a search without end.

    Args:
        failures: so many failures in a row on one page count, once the user pauses.
        pause: how long that pause is; people first try on their own.
        stuck_for: so long at one step of a workflow counts, if the user clicks around meanwhile. Whoever does
            nothing may be away.
        page_views: so many pages within two minutes count, if the user writes nothing and begins no workflow.
    """

    failures: int = Field(default=3, ge=1)
    pause: Duration = 10.0
    stuck_for: Duration = 45.0
    page_views: int = Field(default=10, ge=2)


def when_struggling(given: Struggle) -> dict[str, Any]:
    """Return the value of ``when:``."""
    stuck_for = format_duration(given.stuck_for)
    clicks = {"type": ["click", "pageview"], "at_least": 3, "within": stuck_for}
    views = {"type": "pageview", "at_least": given.page_views, "within": "2m"}
    fails = [{"failure": {"at_least": given.failures}}, {"idle": format_duration(given.pause)}]
    is_stuck = [{"path": {"stalled": "any", "for": stuck_for}}, {"count": clicks}]
    searches = [
        {"count": views},
        {"absent": {"type": ["type", "submit"], "within": "60s"}},
        {"not": {"path": {"begun": "any"}}},
    ]
    return {"any": [{"all": fails}, {"all": is_stuck}, {"all": searches}]}
