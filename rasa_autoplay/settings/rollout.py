"""Which users get offers: ``rollout`` and ``variants`` of a trigger, and ``holdout`` for all triggers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.json_schema import complete_section
from rasa_autoplay.settings.limits import Boundary
from rasa_autoplay.settings.models import Field, Settings, root_validator, validator
from rasa_autoplay.settings.shares import SHARE_PATTERN, Share, parse_share
from rasa_autoplay.settings.texts import FilledText
from rasa_autoplay.settings.trigger_tours import TriggerTourSettings

__all__ = ["LIVE", "HoldoutSettings", "RolloutSettings", "VariantSettings"]

_STATES = ("off", "ghost", "live")
_EXPECTED = 'write off, ghost, live, or a share of users such as "10%"'
_MOST_WEIGHT = 1_000_000


def _parse_rollout(value: object) -> Literal["off", "ghost"] | float:
    if value is False:  # a reader of YAML 1.1 makes it of "off"
        return "off"
    word = value.strip().lower() if isinstance(value, str) else ""
    if word == "off":
        return "off"
    if word == "ghost":
        return "ghost"
    if word == "live":
        return 1.0
    if word.endswith("%"):
        return parse_share(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ValueError(f'{value!r} has no unit: for a share of users, write "{value:g}%"')
    raise ValueError(f"{value!r} is not a rollout: {_EXPECTED}")


if TYPE_CHECKING:
    RolloutShare = Literal["off", "ghost"] | float
else:

    class RolloutShare:
        """A pydantic field type: ``off``, ``ghost``, ``live`` or a share."""

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[[Any], Any]]:
            yield _parse_rollout

        @classmethod
        def __modify_schema__(cls, field_schema: dict[str, Any]) -> None:
            field_schema.clear()
            field_schema["anyOf"] = [
                {"enum": [*_STATES, False]},
                {"type": "string", "pattern": SHARE_PATTERN},
            ]


def _complete_rollout(schema: dict[str, Any], model: Any) -> None:
    """Let the section also be its share alone."""
    complete_section(schema, model)
    section = {name: schema.pop(name) for name in list(schema) if name != "description"}
    share = {name: value for name, value in section["properties"]["share"].items() if name != "description"}
    schema["anyOf"] = [share, section]


class RolloutSettings(Settings):
    """Which users get a trigger's offers; written as the share alone, or with a salt.

    Args:
        share: off for a trigger that is not evaluated; ghost for one that decides but sends nothing; a
            percentage of the users; or live for all users.
        salt: any text. Another text selects other users for the same share.
    """

    class Config:
        schema_extra = staticmethod(_complete_rollout)

    share: RolloutShare
    salt: str = ""

    @classmethod
    def validate(cls, value: Any) -> RolloutSettings:
        """Read the section, or its share alone."""
        if isinstance(value, (Mapping, cls)):
            return super().validate(value)
        return cls.construct(share=_parse_rollout(value))

    @property
    def is_off(self) -> bool:
        """Whether the trigger is not evaluated."""
        return self.share == "off"

    @property
    def is_ghost(self) -> bool:
        """Whether everything is decided, but nothing is sent."""
        return self.share == "ghost"

    @property
    def shown_share(self) -> float:
        """The share of users that gets offers, from 0 to 1."""
        return 0.0 if isinstance(self.share, str) else self.share


#: All users get the trigger's offers.
LIVE = RolloutSettings.validate("live")


class HoldoutSettings(Settings):
    """Users who never get an offer of any trigger. They show whether the copilot helps at all.

    Args:
        share: the share of users, such as "5%".
        salt: any text. Another text selects other users.
    """

    share: Share
    salt: str = ""


class VariantSettings(Settings):
    """One of several versions of a trigger's offer. Each user always gets the same one.

    Args:
        id: the variant's name in results.
        weight: how many users get it, compared with the weights of the others.
        body: the text of the toast.
        golden_path: the id of the golden path that the chat explains; by default, the trigger's.
        tours: replaces the trigger's tours; false for an offer without "Show me".
        first: which button comes first and is emphasized: tour or chat. By default, the tour.
        hold_until: replaces the trigger's natural pauses.
        max_wait: replaces the maximum time that the trigger's toast waits.
    """

    id: str = Field(default=..., min_length=1, max_length=64)
    weight: float = Field(default=1.0, gt=0, le=_MOST_WEIGHT)
    body: FilledText = Field(default=...)
    golden_path: str | None = None
    tours: Literal[False] | list[str | TriggerTourSettings] | None = None
    first: Literal["tour", "chat"] | None = None
    hold_until: list[Boundary] | None = None
    max_wait: Duration | None = None

    @validator("tours", pre=True)
    def _tours_or_none(cls, value: object) -> object:  # noqa: N805 - pydantic's form
        if value is None or value is False or isinstance(value, list):
            return value
        raise ValueError(f"{value!r} is neither a list of golden paths nor false, which stands for no tour")

    @root_validator(skip_on_failure=True)
    def _has_its_first_button(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        if values["first"] == "tour" and values["tours"] is False:
            raise ValueError('"first: tour" and "tours: false" contradict each other')
        return values
