"""The intake checks, completes, masks and counts the payloads of every source.

Bad payloads never raise: they are left out and counted by reason, and the others are accepted. Only a full
queue raises, because the source must deliver the payload again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import compress
from typing import Protocol

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.identity.ids import MAX_ID_BYTES, is_id, is_reserved, is_too_long
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.canonical_url import canonical_url
from rasa_autoplay.events.masking import mask_text, mask_url
from rasa_autoplay.events.models import ActionsPayload, SlimAction, SummaryPayload, UsertourTrigger
from rasa_autoplay.events.user_facts import zone_name
from rasa_autoplay.events.user_properties import storable_properties
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.failures import FailedEvents

__all__ = ["Delivery", "Intake", "Payload", "Sink", "complete_regular"]

Payload = ActionsPayload | SummaryPayload | UsertourTrigger
Sink = Callable[[Payload, str], "bool | None"]

#: Longer texts are cut, in characters: no label is that long, and the engine keeps texts in memory.
MAX_TEXT = 2_000
#: The number of characters that the masks read. It is larger than ``MAX_TEXT``, because a text is masked
#: before it is cut: the masks do not recognise half a card number.
_MAX_SCANNED = MAX_TEXT + 256
#: Longer summaries are cut, in characters: no prompt contains more.
MAX_SUMMARY = 20_000
_IDENTITIES = ("email", "conversation_id")

#: The results for texts up to this length are cached; longer ones are rare, and would fill the memory.
_REPEATED = 250
#: Actions that are dated further ahead are left out: they would stay a session's newest actions.
FUTURE_TOLERANCE_S = 300.0
#: How many times of arrival are remembered for actions that are dated ahead.
_MAX_AHEAD = 10_000


class Delivery(Protocol):
    """Receives the payloads of one request."""

    def accept(self, payload: Payload, source: str) -> bool:
        """Queue a payload; False if the queue is full."""
        ...

    async def unsafe(self) -> Sequence[Payload]:
        """Wait until all payloads are safe; returns those that are not."""
        ...


class Intake:
    """Checks one source's payloads and passes them to a sink.

    Args:
        product_id: the channel's own product; payloads of other products are counted and left out.
        source: the source's name in health and logs.
        clock: epoch seconds.
    """

    def __init__(
        self,
        product_id: str,
        source: str,
        clock: Callable[[], float],
    ) -> None:
        self._product_id = product_id
        self._source = source
        self._clock = clock
        self.counts: Counter[str] = Counter()
        self.failures = FailedEvents(source)
        self.last_event_at = 0.0
        #: By the hash of an action that was dated ahead: when it arrived, epoch seconds.
        self._arrivals: BoundedDict[int, float] = BoundedDict(_MAX_AHEAD)

    @property
    def refused(self) -> dict[str, int]:
        """How many payloads, or actions that were dated ahead, were left out, by reason."""
        refused = {reason: n for reason, n in self.counts.items() if reason not in ("accepted", "dropped")}
        return {**refused, **self.failures.counts}

    def accept(self, payload: Payload, sink: Sink) -> bool:
        """Check a payload and pass it to the sink.

        Args:
            payload: as it arrived; it is completed and masked.
            sink: receives the payload and the source's name; returns False if the queue is full.

        Returns:
            False if the payload was left out; ``counts`` has the reason.

        Raises:
            QueueFullError: the queue is full.
        """
        self.last_event_at = self._clock()
        try:
            self._complete(payload)
        except MalformedEvent as problem:
            self.counts[problem.message] += 1
            return False
        except Exception as problem:
            self.failures.record(problem)
            return False
        if sink(payload, self._source) is False:
            self.counts["dropped"] += 1
            raise QueueFullError
        self.counts["accepted"] += 1
        return True

    def _complete(self, payload: Payload) -> None:
        payload.product_id = payload.product_id.strip() or self._product_id
        if payload.product_id != self._product_id:
            raise MalformedEvent("other_product")
        payload.session_id = (payload.session_id or "").strip()
        if not payload.session_id:
            raise MalformedEvent("without_session_id")
        if not isinstance(payload, SummaryPayload):
            # The toast feed strips the id in its path in the same way.
            payload.user_id = (payload.user_id or "").strip() or None
        for text in (payload.session_id, getattr(payload, "user_id", None)):
            if text and not is_id(text):
                raise MalformedEvent("too_long_id" if is_too_long(text) else "unsafe_id")
        if is_reserved(payload.session_id):
            raise MalformedEvent("unsafe_id")
        if isinstance(payload, ActionsPayload):
            _complete_facts(payload)
            self._complete_actions(payload)
        elif isinstance(payload, SummaryPayload):
            payload.summary = mask_text(payload.summary[:MAX_SUMMARY])
        else:
            payload.reason = _masked(payload.reason)

    def _complete_actions(self, payload: ActionsPayload) -> None:
        now = self._clock()
        _keep_good(payload, [self._is_completed(action, payload, now) for action in payload.actions])
        good = [action.timestamp_start <= now + FUTURE_TOLERANCE_S for action in payload.actions]
        if not all(good):
            self.counts["clock_ahead"] += good.count(False)
        _keep_good(payload, good)
        if self._arrivals or any(action.timestamp_end > now for action in payload.actions):
            self._date_at_arrival(payload, now)

    def _is_completed(self, action: SlimAction, payload: ActionsPayload, now: float) -> bool:
        """Complete one action; False if it must be left out."""
        try:
            _complete_texts(action)
            action.timestamp_start = action.timestamp_start or payload.forwarded_at or now
            action.timestamp_end = max(action.timestamp_end, action.timestamp_start)
        except Exception as problem:
            self.failures.record(problem)
            return False
        return True

    def _date_at_arrival(self, payload: ActionsPayload, now: float) -> None:
        """Give actions that are dated ahead the time of their arrival.

        Otherwise they would be newer than the actions that follow. If such an action arrives again, it gets
        the same time as before, so that the session's window recognises it.
        """
        places = sorted(range(payload.count), key=lambda place: payload.actions[place].timestamp_start)
        if payload.event_ids:
            payload.event_ids = [payload.event_ids[place] for place in places]
        payload.actions = [payload.actions[place] for place in places]
        for action in payload.actions:
            claimed = (action.timestamp_start, action.timestamp_end)
            key = hash((payload.session_id, *claimed, action.index, action.type, action.title))
            arrival = self._arrivals.get(key)
            if arrival is None:
                if action.timestamp_end <= now:
                    continue
                arrival = self._arrivals[key] = now
            action.timestamp_start = min(action.timestamp_start, arrival)
            action.timestamp_end = min(action.timestamp_end, arrival)


def complete_regular(payload: ActionsPayload) -> None:
    """Complete and mask a batch whose ids and times are known to be good, as an intake does.

    Args:
        payload: it has a product, a session and a user with valid ids, and each of its actions has a time
            that does not lie ahead, or the batch has one.
    """
    _complete_facts(payload)
    for action in payload.actions:
        _complete_texts(action)
        start = action.timestamp_start
        if not start:
            start = action.timestamp_start = payload.forwarded_at
        if action.timestamp_end < start:
            action.timestamp_end = start


def _complete_facts(payload: ActionsPayload) -> None:
    payload.email = (payload.email or "")[:MAX_ID_BYTES] or None
    # An anonymous visitor has no profile that the properties could belong to.
    has_properties = payload.properties and payload.user_id
    payload.properties = storable_properties(payload.properties) if has_properties else {}
    payload.timezone = zone_name(payload.timezone) if payload.timezone else ""


def _keep_good(payload: ActionsPayload, good: list[bool]) -> None:
    """Remove the actions that are not good."""
    if not all(good):
        payload.event_ids = list(compress(payload.event_ids, good))
        payload.actions = list(compress(payload.actions, good))
        payload.count = len(payload.actions)


def _complete_texts(action: SlimAction) -> None:
    if action.email or action.conversation_id:
        for name in _IDENTITIES:
            if len(text := getattr(action, name) or "") > MAX_TEXT:
                setattr(action, name, text[:MAX_TEXT])
    # Before masking, because the masks would remove the ids that canonical_url() replaces by ``:id``.
    action.canonical_url = action.canonical_url or canonical_url(action.raw_url)
    labels = action.title, action.description, action.type, action.element_id
    urls = action.canonical_url, action.raw_url
    is_short = len(labels[0]) + len(labels[1]) + len(labels[2]) + len(labels[3]) <= _REPEATED
    action.title, action.description, action.type, action.element_id = (
        _mask_labels_again(labels) if is_short else _masked_labels(labels)
    )
    is_short = len(urls[0]) + len(urls[1]) <= _REPEATED
    action.canonical_url, action.raw_url = _mask_urls_again(urls) if is_short else _masked_urls(urls)


def _masked_labels(labels: tuple[str, str, str, str]) -> tuple[str, str, str, str]:
    title, description, kind, element_id = labels
    return _masked(title), _masked(description), _masked(kind), _masked(element_id)


def _masked_urls(urls: tuple[str, str]) -> tuple[str, str]:
    return _masked_url(urls[0]), _masked_url(urls[1])


def _masked(text: str) -> str:
    return _mask_again(text) if len(text) <= _REPEATED else mask_text(text[:_MAX_SCANNED])[:MAX_TEXT]


def _masked_url(url: str) -> str:
    return _mask_url_again(url) if len(url) <= _REPEATED else mask_url(url[:_MAX_SCANNED])[:MAX_TEXT]


# Labels and pages repeat, and masking them would be most of the cost of an event.
_mask_again = lru_cache(maxsize=4096)(mask_text)
_mask_url_again = lru_cache(maxsize=4096)(mask_url)
# So do the texts of an action together.
_mask_labels_again = lru_cache(maxsize=4096)(_masked_labels)
_mask_urls_again = lru_cache(maxsize=4096)(_masked_urls)
