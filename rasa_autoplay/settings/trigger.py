"""One entry of ``triggers`` in ``autoplay.yml``."""

from __future__ import annotations

from typing import Any

from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.limits import NO_LIMITS, TriggerLimitSettings
from rasa_autoplay.settings.models import Field, Settings, root_validator
from rasa_autoplay.settings.rollout import LIVE, RolloutSettings, VariantSettings
from rasa_autoplay.settings.texts import UserText
from rasa_autoplay.settings.trigger_tours import TriggerTourSettings

__all__ = ["TriggerSettings"]


class TriggerSettings(Settings):
    """One trigger: a rule (``when``), a built-in (``builtin``), or the team's own code.

    A ``predicate`` is code that the engine asks. An ``external`` trigger never fires by itself: the team's
    code makes its offers. A built-in also has parameters of its own.

    Args:
        id: the trigger's name in logs and receipts; by default, a built-in's own name.
        when: the condition; docs/rules.md explains the language.
        builtin: the name of a built-in trigger.
        predicate: a Python function or trigger, "package.module:name".
        external: true if your own code makes its offers, by on_actions or by POST …/offers;
            docs/offers-from-your-code.md explains both.
        body: the text of the toast. For an external trigger it is optional, and your code can send another.
        golden_path: the id of the golden path that the chat explains.
        tours: the ids of the golden paths whose tours the toast offers, each optionally with its own label;
            by default, the tour of golden_path.
        reply_options: the texts of additional buttons. A button opens the chat with its text as the user's
            message; Yes explains as Open chat does, and No closes the toast.
        offer_ttl: how long an offer waits for the user.
        interaction_timeout: how long the offer waits for an answer; by default, the session's setting.
        cooldown: how long nothing is offered after this offer; by default, the session's setting.
        courtesy: limits for this trigger only; docs/courtesy.md explains the gates.
        rollout: which users get its offers: off, ghost, a share of users, or live; docs/rollout.md explains
            them.
        variants: several versions of its offer, of which each user gets one. Its own body is then optional.
        goal: what users are to reach after an offer, and within which time; by default, they complete the
            golden path within 7 days.
    """

    class Config:
        extra = "allow"

    id: str | None = None
    when: Any = None
    builtin: str | None = None
    predicate: str | None = None
    external: bool = False
    body: UserText | None = None
    golden_path: str | None = None
    tours: list[str | TriggerTourSettings] = Field(default_factory=list)
    reply_options: list[UserText] | None = None
    offer_ttl: Duration = 120.0
    interaction_timeout: Duration | None = None
    cooldown: Duration | None = None
    courtesy: TriggerLimitSettings = NO_LIMITS
    rollout: RolloutSettings = LIVE
    variants: list[VariantSettings] = Field(default_factory=list)
    goal: Any = None

    @root_validator(skip_on_failure=True)
    def _one_kind(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        kinds = [kind for kind in ("when", "builtin", "predicate") if values[kind] is not None]
        kinds += ["external"] if values["external"] else []
        if len(kinds) != 1:
            raise ValueError(
                'a trigger needs exactly one of "when: …", "builtin: name", "predicate: module:function" and '
                '"external: true"' + (f", not {' and '.join(kinds)}" if kinds else "")
            )
        if values["builtin"] is None and not values["id"]:
            raise ValueError(
                f'a trigger with "{kinds[0]}" needs an "id:", which names it in logs and receipts'
            )
        return values

    @property
    def parameters(self) -> dict[str, Any]:
        """The additional keys, which are a built-in's parameters, unparsed."""
        return {name: value for name, value in self.__dict__.items() if name not in self.__fields__}
