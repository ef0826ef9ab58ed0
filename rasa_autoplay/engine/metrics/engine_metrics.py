"""All metrics of an engine, read when Prometheus asks for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rasa_autoplay.common.metrics.histogram import MODEL_BOUNDS_S, Histogram
from rasa_autoplay.common.metrics.known_names import KnownNames
from rasa_autoplay.common.metrics.metric import Labels, Metric, Reading, plain
from rasa_autoplay.engine.assistant.protocol.unusable_answer import NOT_USED
from rasa_autoplay.engine.changes.pauses import Pauses
from rasa_autoplay.engine.core.live_state import LiveState
from rasa_autoplay.engine.courtesy.pause import EVERY_TRIGGER
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.metrics import catalogue
from rasa_autoplay.engine.metrics.lasting_tallies import LastingTallies, Tallies
from rasa_autoplay.engine.metrics.offer_metrics import OfferMetrics
from rasa_autoplay.engine.offers.buffered_ledger import BufferedLedger
from rasa_autoplay.engine.offers.offer import REQUESTED_TRIGGERS
from rasa_autoplay.link.messages import TOUR_OUTCOMES

__all__ = ["EngineMetrics", "Measured", "VersionMetrics"]

_ALL = "all"
_ACTION_RESULTS = {
    "applied": "actions",
    "duplicate": "duplicate_actions",
    "duplicate_source": "duplicate_source",
    "stale": "stale_actions",
    "from_former_user": "from_former_user",
}
_TRIGGER_FAILURES = {"error": "trigger_errors", "timeout": "trigger_timeouts"}
_HOOK_FAILURES = {"failed": "hook_failed", "timed_out": "hook_timed_out", "dropped": "hook_dropped"}
_LLM_OUTCOMES = {name: name for name in ("answered", "failed", "timed_out", "circuit_open", "over_quota")}
_LLM_TOKENS = {"prompt": "prompt_tokens", "completion": "completion_tokens"}


class VersionMetrics(Protocol):
    """What the version of the files in force measures."""

    @property
    def trigger_ids(self) -> Sequence[str]:
        """The ids of its triggers."""

    def tallies(self) -> Tallies:
        """Return the counts ``llm`` and ``hook``, and the durations ``llm_seconds``, as far as they exist."""

    @property
    def hook_queue(self) -> int:
        """How many batches wait for the hook."""

    @property
    def is_circuit_open(self) -> bool:
        """Whether the language model gets no requests now."""


@dataclass(frozen=True)
class Measured:
    """The parts of an engine that its metrics read.

    Args:
        live: sessions, feeds, offers and counts.
        ledger: buffers what the database does not take.
        memory: stores sessions.
        database_problem: says what is wrong with the database; empty if it works.
        message_counts: counts of the gateways' messages.
        pauses: the pauses in force.
        configuration: describes the version of the files in force, as in health.
        version: returns the version in force.
    """

    live: LiveState
    ledger: BufferedLedger
    memory: MemoryKeeper
    database_problem: Callable[[], str]
    message_counts: Counter[str]
    pauses: Pauses
    configuration: Callable[[], Mapping[str, Any]]
    version: Callable[[], VersionMetrics]


class EngineMetrics(OfferMetrics):
    """Observes offers, and reads everything else at a scrape, so that an event pays nothing for it.

    Args:
        has_feed: whether a user, by id, has an open feed.
    """

    def __init__(self, has_feed: Callable[[str], bool]) -> None:
        self.triggers = KnownNames(sorted(REQUESTED_TRIGGERS))
        #: What former versions of the files have counted.
        self.former = LastingTallies()
        super().__init__(self.triggers, has_feed)

    def read(self, measured: Measured) -> Iterator[Reading]:
        """Read all metrics of an engine."""
        self.triggers.learn(measured.version().trigger_ids)
        yield from self.readings()
        yield from _offers(measured.live)
        yield from _events(measured)
        yield from self._version(measured.version())
        yield from _database(measured)
        yield from self._changes(measured)

    def _version(self, version: VersionMetrics) -> Iterator[Reading]:
        tallies = version.tallies()
        yield plain(catalogue.HOOK_QUEUE, version.hook_queue)
        yield _picked(catalogue.HOOK_FAILURES, self.former.counts("hook", tallies), _HOOK_FAILURES)
        calls = self.former.counts("llm", tallies)
        yield _picked(catalogue.LLM_CALLS, calls, _LLM_OUTCOMES)
        yield _picked(catalogue.LLM_NOT_USED, calls, NOT_USED)
        yield _picked(catalogue.LLM_TOKENS, calls, _LLM_TOKENS)
        durations = self.former.histogram("llm_seconds", tallies)
        yield plain(catalogue.LLM_SECONDS, durations if durations is not None else Histogram(MODEL_BOUNDS_S))
        yield plain(catalogue.LLM_CIRCUIT, float(version.is_circuit_open))

    def _changes(self, measured: Measured) -> Iterator[Reading]:
        paused: dict[Labels, float] = {(name,): 0.0 for name in (_ALL, *self.triggers)}
        for pause in measured.pauses.in_force:
            is_all = pause.trigger_id == EVERY_TRIGGER
            paused[_ALL if is_all else self.triggers.label(pause.trigger_id),] = 1.0
        yield Reading(catalogue.PAUSED, paused)
        configuration = measured.configuration()
        yield Reading(catalogue.CONFIGURATION, {(str(configuration["fingerprint"]),): 1.0})
        yield plain(catalogue.CONFIGURATION_LOADED, configuration["loaded_at"])
        yield plain(catalogue.CONFIGURATION_REFUSED, float("problem" in configuration))


def _offers(live: LiveState) -> Iterator[Reading]:
    counts, open_offers = live.offer_counts, live.open_offers
    yield plain(catalogue.UNDELIVERED, open_offers.counts["offers_undelivered"])
    yield plain(catalogue.WITHDRAWN, open_offers.counts["offers_withdrawn"])
    yield plain(catalogue.UNKNOWN_RECEIPTS, counts["receipts_for_unknown_offers"])
    yield plain(catalogue.TOURS_STARTED, counts["tours_started"])
    outcomes = {outcome: f"tours_{outcome}" for outcome in TOUR_OUTCOMES}
    yield _picked(catalogue.TOURS, counts, outcomes)
    yield plain(catalogue.CHAT_FAILURES, counts["chat_open_failed"])
    yield plain(catalogue.ENGINE_FEEDS, len(live.presence))
    yield plain(catalogue.OPEN_OFFERS, len(open_offers))


def _events(measured: Measured) -> Iterator[Reading]:
    live = measured.live
    yield plain(catalogue.SESSIONS, len(live.sessions))
    yield plain(catalogue.SESSIONS_EVICTED, live.sessions.evicted)
    yield _picked(catalogue.ACTIONS, live.counts, _ACTION_RESULTS)
    yield plain(catalogue.EVALUATIONS, live.counts["evaluations"])
    yield _picked(catalogue.TRIGGER_FAILURES, live.counts, _TRIGGER_FAILURES)
    yield plain(catalogue.FAILED_MESSAGES, measured.message_counts["failed_messages"])


def _database(measured: Measured) -> Iterator[Reading]:
    ledger, memory = measured.ledger, measured.memory
    yield plain(catalogue.DATABASE_UP, float(not measured.database_problem()))
    waiting: dict[str, float] = {"offers_and_receipts": ledger.waiting, "sessions": memory.waiting}
    yield Reading(catalogue.DATABASE_WAITING, {(kind,): count for kind, count in waiting.items()})
    dropped = {"offers_and_receipts": ledger.counts["ledger_dropped"], "sessions": memory.dropped}
    yield Reading(catalogue.DATABASE_DROPPED, {(kind,): count for kind, count in dropped.items()})


def _picked(metric: Metric, counts: Counter[str], names: Mapping[str, str]) -> Reading:
    """Return the counts with these names, by label."""
    return Reading(metric, {(label,): counts[name] for label, name in names.items()})
