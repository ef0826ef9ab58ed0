"""``courtesy`` of ``autoplay.yml``: limits for all triggers or for one that keep help from becoming noise."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from datetime import time
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from rasa_autoplay.settings.durations import Duration, parse_duration_s
from rasa_autoplay.settings.models import Field, Settings, root_validator, validator
from rasa_autoplay.settings.newcomers import NewcomerSettings, read_explore_first
from rasa_autoplay.settings.shares import Share

__all__ = [
    "NO_LIMITS",
    "USER_ZONE",
    "Boundary",
    "LimitSettings",
    "PathLimitSettings",
    "QuietHours",
    "TriggerLimitSettings",
    "find_zone",
]

#: The value of ``tz`` that stands for the time zone of the user's browser.
USER_ZONE = "user"

_CLOCK_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_MAX_ZONE_NAME_LENGTH = 64


@functools.lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo | None:
    """Find a time zone by its IANA name; None if it is unknown, as browsers may send any name."""
    if not name or len(name) > _MAX_ZONE_NAME_LENGTH:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a valid name; a folder of zones
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
            ValueError: ``value`` is not a boundary.
        """
        text = " ".join(value.split()).lower() if isinstance(value, str) else ""
        kind, _, length = text.partition(" ")
        if text in ("save", "navigation"):
            return cls(text)
        if kind == "idle" and length and parse_duration_s(length) > 0:
            return cls(text)
        raise ValueError(
            f'{value!r} is not a boundary: write save, navigation, or "idle 3s" with your own time'
        )

    @classmethod
    def __modify_schema__(cls, field_schema: dict[str, Any]) -> None:
        field_schema["pattern"] = r"^(save|navigation|idle\s+[0-9].*)$"

    @property
    def idle_s(self) -> float:
        """How long the user must be idle, in seconds; 0 for other boundaries."""
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
        raise ValueError(
            f'{value!r} is not a time of day: write hours and minutes in quotes, such as "08:30"'
        )
    return time(int(match.group(1)), int(match.group(2)))


class QuietHours(Settings):
    """Times of day without toasts.

    Args:
        from_: when quiet hours begin, such as "20:00".
        to: when quiet hours end; a time before the beginning means the next morning.
        tz: "user" for the time zone of the user's browser, or an IANA name.
        fallback_tz: the time zone to use if the browser does not send one.
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
            f"{value!r} is not a known time zone: write {choice}an IANA name, such as Europe/Berlin (if the "
            'system has no time zones, "pip install tzdata")'
        )

    @root_validator(skip_on_failure=True)
    def _has_length(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        if values["from_"] == values["to"]:
            raise ValueError('"from" and "to" must be different times')
        return values


class PathLimitSettings(Settings):
    """Limits for the toasts about one golden path, whichever triggers they come from.

    Args:
        min_interval: the minimum time between two toasts about it to a user.
        per_day: the maximum number of toasts about it to a user in a day.
        per_user: the maximum number of toasts about it to a user, ever.
    """

    min_interval: Duration = 0.0
    per_day: int | None = Field(default=None, ge=1)
    per_user: int | None = Field(default=None, ge=1)


class LimitSettings(Settings):
    """Limits for all triggers together, which keep help from becoming noise.

    Args:
        min_interval: the minimum time between two toasts to a user, from any trigger.
        per_user_per_day: the maximum number of toasts to a user in a day, from any trigger.
        snooze: how long a trigger stays silent about a workflow after the user dismissed or snoozed its
            toast.
        after_accepted: how long a trigger stays silent about a workflow after the user accepted its toast.
        hold_until: the natural pauses that a toast waits for: save, navigation, or idle with a time.
        max_wait: the maximum time that a toast waits.
        quiet_hours: times of day without toasts.
        newcomers: no toast to newcomers before they have explored the app.
        roles: only users with one of these roles get toasts; upper and lower case are the same. Empty for
            all.
        role_property: the user property that holds the role.
        per_golden_path: limits for the toasts about one golden path, whichever triggers they come from.
        golden_paths: limits for the golden paths with these ids, which replace per_golden_path.
        explore: the share of users for whom a closed gate may open by chance, such as "5%". Then
            `rasa-autoplay results --gates` says what closing the gate spares and costs.
    """

    min_interval: Duration = 300.0
    per_user_per_day: int | None = Field(default=None, ge=1)
    snooze: Duration = 86_400.0
    after_accepted: Duration = 7 * 86_400.0
    hold_until: list[Boundary] = Field(default_factory=list)
    max_wait: Duration = 30.0
    quiet_hours: QuietHours | None = None
    newcomers: NewcomerSettings | None = None
    roles: list[str] = Field(default_factory=list)
    role_property: str = Field(default="role", min_length=1)
    per_golden_path: PathLimitSettings = PathLimitSettings()
    golden_paths: dict[str, PathLimitSettings] = Field(default_factory=dict)
    explore: Share = 0.0

    @root_validator(pre=True)
    def _older_name(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        return read_explore_first(values)

    def of_path(self, path_id: str) -> PathLimitSettings:
        """The limits for toasts about a golden path."""
        return self.golden_paths.get(path_id, self.per_golden_path)


class TriggerLimitSettings(Settings):
    """Limits for one trigger.

    Args:
        min_interval: the minimum time between two toasts of this trigger to a user.
        per_day: the maximum number of this trigger's toasts to a user in a day.
        per_user: the maximum number of this trigger's toasts to a user, ever.
        snooze: replaces the setting for all triggers.
        after_accepted: replaces the setting for all triggers.
        hold_until: replaces the setting for all triggers; an empty list for a toast that does not wait.
        max_wait: replaces the setting for all triggers.
        newcomers: replaces the setting for all triggers.
        roles: replaces the setting for all triggers; an empty list for users with any role.
        role_property: replaces the setting for all triggers.
        explore: replaces the setting for all triggers.
        skip_mastered: true makes no offer to users who have mastered the workflow, and false also offers to
            them. unaided also offers to users who completed it only in sessions in which they accepted this
            trigger's help.
    """

    min_interval: Duration = 0.0
    per_day: int | None = Field(default=None, ge=1)
    per_user: int | None = Field(default=None, ge=1)
    snooze: Duration | None = None
    after_accepted: Duration | None = None
    hold_until: list[Boundary] | None = None
    max_wait: Duration | None = None
    newcomers: NewcomerSettings | None = None
    roles: list[str] | None = None
    role_property: str | None = Field(default=None, min_length=1)
    explore: Share | None = None
    skip_mastered: Literal["unaided"] | bool = True

    @root_validator(pre=True)
    def _older_name(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        return read_explore_first(values)


#: The limits of a trigger that sets none.
NO_LIMITS = TriggerLimitSettings()
