"""A trigger with its settings, and the variants of its offer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_autoplay.common.languages.each_language import languages_in
from rasa_autoplay.common.sentences.filling import filled, names_in
from rasa_autoplay.engine.goals.goal import DEFAULT_GOAL, Goal
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.rollout.buckets import bucket, weighted_choice
from rasa_autoplay.engine.triggers.configured.names_of_path import in_all_languages
from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.engine.triggers.firing_reasons import Explain, RuleExplanation, explain_opaque
from rasa_autoplay.engine.triggers.interest import Interest
from rasa_autoplay.engine.triggers.rules.trigger import RuleTrigger
from rasa_autoplay.engine.triggers.types import (
    PLACEHOLDERS,
    TEMPLATE,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
    fit_toast,
)
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.limits import NO_LIMITS, TriggerLimitSettings
from rasa_autoplay.settings.rollout import LIVE, RolloutSettings

__all__ = ["ConfiguredTrigger"]

#: No action is consumed, and any time counts (epoch seconds).
_EVER = (-math.inf, -math.inf)


@dataclass(frozen=True, slots=True)
class ConfiguredTrigger:
    """A trigger with its settings, as the driver uses it.

    A variant is the same trigger with another text, workflow, tours or natural pauses.

    Args:
        id: its name in logs, receipts and courtesy.
        evaluate: returns a result when it fires, or an awaitable of it.
        wakes_at: when time alone could make it fire; None for an opaque trigger, which is also evaluated on
            the slow tick.
        remembers: matchers whose results it wants remembered for the whole session, by name.
        interest: the changes that can affect it; None for an opaque trigger, which any event can affect.
        body: overrides the result's text, with placeholders; empty to keep the result's.
        golden_path: id of the workflow that it explains; empty for none.
        tours: labels of the tours that it offers, by workflow id; an empty label for the workflow's own.
            Empty for the workflow's tour, None for no tour.
        reply_options: labels of more buttons; None for the result's own.
        offer_ttl_s: how long its offers wait for the user, in seconds.
        interaction_timeout_s: overrides the session's; None to keep it.
        cooldown_s: overrides the session's; None to keep it.
        courtesy: limits for this trigger only.
        goal: what its users are to reach.
        finds_workflow: whether its offers can be about a workflow that the trigger finds.
        own_explanation: the trigger's ``explain``; None for an opaque trigger.
        own_possibility: the trigger's ``possible_at``; None for an opaque trigger.
        placeholders: the names in braces that its results fill in; None if braces stay as they are.
        rollout: which users get its offers.
        variants: the variants of its offer; empty if there is one for all users.
        variant: id of this variant; empty if it is none.
        weight: how many users get this variant, compared with the others.
        first: the button that comes first, ``tour`` or ``chat``; empty for the usual order.
        rule: the rule that decides when it fires; None if that is Python code.
        is_external: whether the team's own code makes its offers, so that it never fires by itself.
    """

    id: str
    evaluate: Callable[[ProactiveTriggerContext], Any]
    wakes_at: Callable[[ProactiveTriggerContext], float | None] | None = None
    remembers: Mapping[str, Callable[[SlimAction], bool]] = field(default_factory=dict)
    interest: Interest | None = None
    body: str = ""
    golden_path: str = ""
    tours: Mapping[str, str] | None = field(default_factory=dict)
    reply_options: Sequence[str] | None = None
    offer_ttl_s: float = 120.0
    interaction_timeout_s: float | None = None
    cooldown_s: float | None = None
    courtesy: TriggerLimitSettings = NO_LIMITS
    goal: Goal = DEFAULT_GOAL
    finds_workflow: bool = True
    own_explanation: Explain | None = None
    own_possibility: Callable[[Course, float, float], float] | None = None
    placeholders: frozenset[str] | None = None
    rollout: RolloutSettings = LIVE
    variants: Sequence[ConfiguredTrigger] = ()
    variant: str = ""
    weight: float = 1.0
    first: str = ""
    rule: RuleTrigger | None = None
    is_external: bool = False

    def explain(self, ctx: ProactiveTriggerContext, result: ProactiveTriggerResult | None) -> RuleExplanation:
        """Explain why it fires, or how close it is, with numbers if the trigger has them.

        Args:
            ctx: the context of the evaluation.
            result: the result of the evaluation.
        """
        if self.own_explanation is None:
            return explain_opaque(result, f"the trigger {self.id!r}")
        return self.own_explanation(ctx)

    def could_fire(self, actions: Sequence[SlimAction]) -> bool:
        """Whether it could fire at some time in a session; False only if it never does.

        Args:
            actions: all actions of the session, in order of time.
        """
        return self.own_possibility is None or self.own_possibility(Course(actions), *_EVER) < math.inf

    def text_of(self, result: ProactiveTriggerResult, path: GoldenPath | None = None) -> str:
        """The text of the toast, in all languages that it has.

        Args:
            result: what the trigger has found.
            path: the golden path whose names the text can have; None if there is none.
        """
        values = in_all_languages(result.metadata.get(PLACEHOLDERS) or {}, path)
        if self._has_placeholders:
            return fit_toast(filled(self.body, values))
        template = self.rule.body if self.rule else result.metadata.get(TEMPLATE) or ""
        names = (value for value in values.values() if isinstance(value, str))
        if not self.body and languages_in(template, *names):
            return fit_toast(filled(template, values))
        return self.body or result.body

    @property
    def fixed_text(self) -> str:
        """The text of the toast if it does not depend on the result; otherwise empty."""
        return "" if self._has_placeholders else self.body

    @property
    def _has_placeholders(self) -> bool:
        return bool(self.placeholders and names_in(self.body))

    def variant_for(self, user_id: str) -> ConfiguredTrigger:
        """Return the variant that a user gets; the trigger itself if it has none."""
        if not self.variants:
            return self
        place = bucket("variant", self.rollout.salt, self.id, user_id)
        return self.variants[weighted_choice(place, [each.weight for each in self.variants])]

    def variant_of(self, variant_id: str) -> ConfiguredTrigger:
        """Return the variant with that id; the trigger itself if it has none with that id."""
        return next((each for each in self.variants if each.variant == variant_id), self)
