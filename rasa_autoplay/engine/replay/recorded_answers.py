"""What a replay cannot ask again, answered by the recording: users, the judge, and asynchronous triggers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from rasa_autoplay.engine.courtesy.judge_contract import JudgeResult
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.replay.replay import Replay
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext, ProactiveTriggerResult
from rasa_autoplay.events.models import SlimAction

__all__ = ["AsyncTriggers", "RecordedJudge", "RecordedUsers"]

#: A decision of the replay is the recorded one if their times differ by at most this, in seconds. The engine
#: was busy, or waited for the database or a model, and a replay is not.
_TOLERANCE_S = 15.0
_NOT_MADE = "it was not made then"


class RecordedUsers:
    """The users of a recording: what they did with an offer follows as recorded events.

    Args:
        decisions: the recorded decisions.
    """

    def __init__(self, decisions: Sequence[Decision]) -> None:
        self._with_offers = [one for one in decisions if one.offer_id]
        #: The recorded ids of the replay's offers, by the ids that the replay gave them.
        self.recorded_ids: dict[str, str] = {}
        self._replayed_ids: dict[str, str] = {}

    def decided(self, decision: Decision) -> None:
        """Find the recorded decision that is the same as one of the replay."""
        same = (one for one in self._with_offers if self._is_same(one, decision))
        found = min(same, key=lambda one: abs(one.at - decision.at), default=None)
        if found is not None:
            self.recorded_ids[decision.offer_id] = found.offer_id
            self._replayed_ids[found.offer_id] = decision.offer_id

    async def offered(self, replay: Replay, offer: Offer) -> None:
        """Withdraw an offer that was not made then; otherwise wait for what the user did."""
        if offer.offer_id not in self.recorded_ids:
            await replay.core.lifecycle.withdraw(offer, _NOT_MADE, replay.clock())

    def _is_same(self, recorded: Decision, replayed: Decision) -> bool:
        return (
            recorded.offer_id not in self._replayed_ids
            and (recorded.trigger_id, recorded.session_id) == (replayed.trigger_id, replayed.session_id)
            and recorded.outcome == replayed.outcome
            and abs(recorded.at - replayed.at) <= _TOLERANCE_S
        )

    def is_present(self, _key: SessionKey, _now: float) -> bool:
        """Return True: the engine evaluated sessions until they expired."""
        return True

    def replayed_id(self, recorded_id: str) -> str:
        """Return the id that the replay gave to a recorded offer; the same id if it restored the offer."""
        return self._replayed_ids.get(recorded_id, recorded_id)


class RecordedJudge:
    """Vetoes what the language model vetoed then.

    Args:
        decisions: the recorded decisions.
        clock: epoch seconds.
    """

    def __init__(self, decisions: Sequence[Decision], clock: Callable[[], float]) -> None:
        self._vetoes = [one for one in decisions if one.gate == "judge"]
        self._clock = clock
        #: The trigger that fired last; the replay sets it.
        self.fired_trigger_id = ""

    async def review(self, body: str, _recent: Sequence[SlimAction]) -> JudgeResult:
        """Return the recorded veto; otherwise let the offer pass."""
        now = self._clock()
        for veto in self._vetoes:
            if veto.trigger_id == self.fired_trigger_id and abs(veto.at - now) <= _TOLERANCE_S:
                self._vetoes.remove(veto)
                return JudgeResult(body, vetoes=True, reason=veto.detail)
        return JudgeResult(body)


class AsyncTriggers:
    """Stands for asynchronous triggers. A replay never runs them, because they may call other services.

    Args:
        decisions: the recorded decisions.
        answer_within_s: the time limit of an asynchronous trigger, in seconds.
    """

    def __init__(self, decisions: Sequence[Decision], answer_within_s: float) -> None:
        self._fired = [one for one in decisions if one.outcome == "fired"]
        self._answer_within_s = answer_within_s
        #: Ids of the triggers that turned out to be asynchronous.
        self.found: set[str] = set()

    def replacing(self, triggers: Sequence[ConfiguredTrigger]) -> list[ConfiguredTrigger]:
        """Return the triggers; if one is asynchronous, its recorded fires take its place."""
        return [
            trigger if trigger.own_explanation is not None else self._replaced(trigger)
            for trigger in triggers
        ]

    def _replaced(self, trigger: ConfiguredTrigger) -> ConfiguredTrigger:
        def evaluate(ctx: ProactiveTriggerContext) -> Any:
            result = None if trigger.id in self.found else trigger.evaluate(ctx)
            if inspect.isawaitable(result):
                self.found.add(trigger.id)
                _dispose(result)
            return self._recorded(trigger.id, ctx) if trigger.id in self.found else result

        variants = [self._replaced(variant) for variant in trigger.variants]
        return replace(trigger, evaluate=evaluate, variants=variants)

    def _recorded(self, trigger_id: str, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        now = float(ctx.context_extra["eval_now"])
        for fired in self._fired:
            is_same = (fired.trigger_id, fired.session_id) == (trigger_id, ctx.session_id)
            if is_same and now <= fired.at <= now + self._answer_within_s:
                self._fired.remove(fired)
                return ProactiveTriggerResult(trigger_id, "")
        return None


def _dispose(answer: Any) -> None:
    """End an awaitable that nobody awaits."""
    end = getattr(answer, "close", None) or getattr(answer, "cancel", None)
    if end is not None:
        end()
