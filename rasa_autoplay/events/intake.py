"""The one way in: what every source delivers is checked, completed and counted here.

Nothing that a source sends can raise past this point or stop the stream: what cannot be used is counted by
its reason, and its good neighbours go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import compress

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.canonical_url import canonical_url
from rasa_autoplay.events.models import ActionsPayload, SlimAction, SummaryPayload, UsertourTrigger

__all__ = ["Intake", "Payload", "Sink"]

Payload = ActionsPayload | SummaryPayload | UsertourTrigger
Sink = Callable[[Payload, str], "bool | None"]

#: Longer texts are cut and longer ids refused: no label is that long, and everything is kept in memory.
MAX_TEXT = 2_000
MAX_ID = 512
_TEXTS = (
    "title",
    "description",
    "canonical_url",
    "raw_url",
    "type",
    "element_id",
    "email",
    "conversation_id",
)

#: A clock that runs ahead by more than this is wrong; what it dates must not become "the newest action".
FUTURE_TOLERANCE_S = 300.0


class Intake:
    """Checks one source's payloads and hands them on.

    Args:
        product_id: the channel's own product; what belongs to another one is counted and left.
        source: the source's name in health and logs.
        sink: takes each good payload and the source's name; False when it had no room for it.
        clock: epoch seconds.
    """

    def __init__(
        self,
        product_id: str,
        source: str,
        sink: Sink,
        clock: Callable[[], float],
    ) -> None:
        self._product_id = product_id
        self._source = source
        self._sink = sink
        self._clock = clock
        self.counts: Counter[str] = Counter()
        self.last_event_at = 0.0

    def take(self, payload: Payload) -> bool:
        """Check a payload and hand it on.

        Returns:
            False when it was left out; ``counts`` says why.
        """
        self.last_event_at = self._clock()
        try:
            self._complete(payload)
        except MalformedEvent as problem:
            self.counts[problem.message] += 1
            return False
        if self._sink(payload, self._source) is False:
            self.counts["dropped"] += 1
            return False
        self.counts["accepted"] += 1
        return True

    def _complete(self, payload: Payload) -> None:
        payload.product_id = payload.product_id.strip() or self._product_id
        if payload.product_id != self._product_id:
            raise MalformedEvent("other_product")
        payload.session_id = (payload.session_id or "").strip()
        if not payload.session_id:
            raise MalformedEvent("without_session_id")
        if len(payload.session_id) > MAX_ID or len(getattr(payload, "user_id", None) or "") > MAX_ID:
            raise MalformedEvent("too_long_id")
        if isinstance(payload, ActionsPayload):
            payload.email = (payload.email or "")[:MAX_ID] or None
            self._complete_actions(payload)

    def _complete_actions(self, payload: ActionsPayload) -> None:
        now = self._clock()
        good = [self._complete_action(action, payload, now) for action in payload.actions]
        if all(good):
            return
        self.counts["from_the_future"] += good.count(False)
        payload.event_ids = list(compress(payload.event_ids, good))
        payload.actions = list(compress(payload.actions, good))
        payload.count = len(payload.actions)

    @staticmethod
    def _complete_action(action: SlimAction, payload: ActionsPayload, now: float) -> bool:
        action.timestamp_start = action.timestamp_start or payload.forwarded_at or now
        action.timestamp_end = max(action.timestamp_end, action.timestamp_start)
        for name in _TEXTS:
            if len(text := getattr(action, name) or "") > MAX_TEXT:
                setattr(action, name, text[:MAX_TEXT])
        action.canonical_url = action.canonical_url or canonical_url(action.raw_url)
        return action.timestamp_start <= now + FUTURE_TOLERANCE_S
