"""``courtesy`` of ``autoplay.yml``, for all triggers and for one: what keeps help from being noise."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from datetime import time
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from rasa_autoplay.settings.durations import Duration, parse_duration_s
from rasa_autoplay.settings.models import Field, Settings, root_validator, validator

__all__ = [
    "NO_LIMITS",
    "USER_ZONE",
    "Boundary",
    "ExploreFirst",
    "LimitSettings",
    "QuietHours",
    "TriggerLimitSettings",
    "find_zone",
]

#: As ``tz``: the zone that the user's browser tells.
USER_ZONE = "user"

_CLOCK_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_LONGEST_ZONE_NAME = 64


@functools.lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo | None:
    """The time zone of that IANA name; None when there is none: names come from browsers too."""
    if not name or len(name) > _LONGEST_ZONE_NAME:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name at all; a folder of zones
        return None


class Boundary(str):
    """A natural pause: ``save``, ``navigation``, or ``idle 3s``."""

    @classmethod
    def __get_validators__(cls) -> Iterator[Callable[[Any], Boundary]]:
        yield cls.parse

    @classmethod
    def parse(cls, value: object) -> Boundary:
        """Read a boundary.

        Raises:
            ValueError: it is none.
        """
        text = " ".join(value.split()).lower() if isinstance(value, str) else ""
        kind, _, length = text.partition(" ")
        if text in ("save", "navigation"):
            return cls(text)
        if kind == "idle" and length and parse_duration_s(length) > 0:
            return cls(text)
        raise ValueError(f'{value!r} is no boundary: write save, navigation, or "idle 3s" with your time')

    @classmethod
    def __modify_schema__(cls, field_schema: dict[str, Any]) -> None:
        field_schema["pattern"] = r"^(save|navigation|idle\s+[0-9].*)$"

    @property
    def idle_s(self) -> float:
        """How long the user must have done nothing; 0 for a boundary that is no idling."""
        kind, _, length = self.partition(" ")
        return parse_duration_s(length) if kind == "idle" else 0.0


if TYPE_CHECKING:
    ClockTime = time
else:

    class ClockTime(time):
        """A pydantic field type: a time of day, read from hours and minutes."""

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[[Any], time]]:
            yield _parse_clock_time

        @classmethod
        def __modify_schema__(cls, field_schema: dict[str, Any]) -> None:
            field_schema.clear()
            field_schema.update({"type": "string", "pattern": f"^({_CLOCK_TIME.pattern})$"})


def _parse_clock_time(value: Any) -> time:
    match = _CLOCK_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'{value!r} is no time of day: write hours and minutes in quotes, as "08:30"')
    return time(int(match.group(1)), int(match.group(2)))


class QuietHours(Settings):
    """No toast from one time of day to another.

    Args:
        from_: when they begin, as "20:00".
        to: when they are over; earlier than the beginning means the next morning.
        tz: user for the zone of the user's browser, or the team's own as an IANA name.
        fallback_tz: the zone of a user whose browser tells none.
    """

    from_: ClockTime = Field(..., alias="from")
    to: ClockTime
    tz: str = USER_ZONE
    fallback_tz: str = "UTC"

    @validator("tz", "fallback_tz")
    def _known_zone(cls, value: str, field: Any) -> str:  # noqa: N805 - pydantic's form
        if (value == USER_ZONE and field.name == "tz") or find_zone(value) is not None:
            return value
        choice = '"user" or ' if field.name == "tz" else ""
        raise ValueError(
            f"{value!r} is no time zone here: write {choice}an IANA name, as Europe/Berlin (where the system "
            'has no zones at all, "pip install tzdata")'
        )

    @root_validator(skip_on_failure=True)
    def _has_length(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        if values["from_"] == values["to"]:
            raise ValueError('"from" and "to" are the same time: quiet hours need a beginning and an end')
        return values


class ExploreFirst(Settings):
    """Newcomers look around first: no toast before they have.

    Args:
        min_time: since the first action of a user's first visit.
        min_pages: different pages that they have seen in it.
        roles: only users with one of these roles get the toast, in any case; empty for all.
        role_property: which property of the user names the role.
    """

    min_time: Duration = 60.0
    min_pages: int = Field(default=3, ge=1, le=20)
    roles: list[str] = Field(default_factory=list)
    role_property: str = Field(default="role", min_length=1)


class LimitSettings(Settings):
    """Courtesy for all triggers together: what keeps help from being noise.

    Args:
        min_interval: between two toasts to a user, whatever their triggers.
        per_user_per_day: no more toasts than this to a user in a day, whatever their triggers.
        snooze: after "dismissed" or "snoozed", the trigger is silent about that workflow for so long.
        after_accepted: after "accepted", the trigger is silent about that workflow for so long.
        hold_until: the pauses for which a toast waits: save, navigation, or idle with a time.
        max_wait: it waits no longer than this.
        quiet_hours: no toast at these times of day.
        explore_first: no toast to newcomers before they have looked around.
    """

    min_interval: Duration = 300.0
    per_user_per_day: int | None = Field(default=None, ge=1)
    snooze: Duration = 86_400.0
    after_accepted: Duration = 7 * 86_400.0
    hold_until: list[Boundary] = Field(default_factory=list)
    max_wait: Duration = 30.0
    quiet_hours: QuietHours | None = None
    explore_first: ExploreFirst | None = None


class TriggerLimitSettings(Settings):
    """Courtesy for one trigger.

    Args:
        min_interval: between two toasts of it to a user.
        per_day: no more toasts of it than this to a user in a day.
        per_user: no more toasts of it than this to a user, ever.
        snooze: replaces the one for all triggers.
        after_accepted: replaces the one for all triggers.
        hold_until: replaces the one for all triggers; an empty list for a toast that waits for nothing.
        max_wait: replaces the one for all triggers.
        explore_first: replaces the one for all triggers.
        skip_mastered: false for a toast also to those who master the workflow that it is about; unaided for
            one also to those who completed it only in sessions in which they accepted this trigger's help.
    """

    min_interval: Duration = 0.0
    per_day: int | None = Field(default=None, ge=1)
    per_user: int | None = Field(default=None, ge=1)
    snooze: Duration | None = None
    after_accepted: Duration | None = None
    hold_until: list[Boundary] | None = None
    max_wait: Duration | None = None
    explore_first: ExploreFirst | None = None
    skip_mastered: Literal["unaided"] | bool = True


#: No limits of its own: what a trigger has that says nothing about them.
NO_LIMITS = TriggerLimitSettings()
