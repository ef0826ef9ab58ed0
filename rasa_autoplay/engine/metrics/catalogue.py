"""The engine's metrics: their names, what they show, and their labels."""

from __future__ import annotations

from typing import Final

from rasa_autoplay.common.metrics.metric import Metric

__all__ = ["ENGINE_METRICS", "OF_SHARED_ENGINE"]

DECISIONS: Final = Metric(
    "autoplay_decisions_total",
    "counter",
    "Decisions after all gates were open, by the arm that chance chose. Only `shown` users get an offer.",
    ("trigger", "arm"),
)
OFFERS: Final = Metric(
    "autoplay_offers_total",
    "counter",
    "Offers that reached a status: from `sent` to the user's answer, or `expired`.",
    ("trigger", "status"),
)
ACCEPTED: Final = Metric(
    "autoplay_offers_accepted_total",
    "counter",
    "Accepted offers, by the button that the user pressed.",
    ("trigger", "button"),
)
UNDELIVERED: Final = Metric(
    "autoplay_offers_undelivered_total", "counter", "Offers that expired before a page showed them."
)
WITHDRAWN: Final = Metric(
    "autoplay_offers_withdrawn_total", "counter", "Offers taken back before a page showed them."
)
GATES: Final = Metric(
    "autoplay_gates_total",
    "counter",
    "Fired triggers that a gate stopped or deferred.",
    ("trigger", "gate", "result"),
)
RECEIPTS: Final = Metric(
    "autoplay_receipts_total", "counter", "What browsers reported about toasts.", ("event",)
)
UNKNOWN_RECEIPTS: Final = Metric(
    "autoplay_receipts_for_unknown_offers_total",
    "counter",
    "Reports about offers that the user does not have.",
)
TOURS_STARTED: Final = Metric("autoplay_tours_started_total", "counter", "Tours that users started.")
TOURS: Final = Metric("autoplay_tours_total", "counter", "Tours that ended, by how they ended.", ("outcome",))
CHAT_FAILURES: Final = Metric(
    "autoplay_chat_open_failures_total", "counter", "Chats that could not be opened after Open chat."
)
DECISION_SECONDS: Final = Metric(
    "autoplay_decision_seconds",
    "histogram",
    "From an event's arrival in the engine to the decision that it caused.",
)
DELIVERY_SECONDS: Final = Metric(
    "autoplay_offer_delivery_seconds",
    "histogram",
    "From the decision to the report that the offer was sent to a page; only users with an open feed.",
)
RENDERING_SECONDS: Final = Metric(
    "autoplay_offer_rendering_seconds",
    "histogram",
    "From that report to the browser's receipt `rendered`.",
)
SESSIONS: Final = Metric("autoplay_sessions", "gauge", "Live sessions.")
SESSIONS_EVICTED: Final = Metric(
    "autoplay_sessions_evicted_total", "counter", "Sessions that ended early to make room."
)
ENGINE_FEEDS: Final = Metric("autoplay_engine_feeds", "gauge", "Open feeds that the engine knows.")
OPEN_OFFERS: Final = Metric("autoplay_open_offers", "gauge", "Offers that are neither answered nor expired.")
ACTIONS: Final = Metric(
    "autoplay_actions_total",
    "counter",
    "Actions of users, by what the engine did with them.",
    ("result",),
)
EVALUATIONS: Final = Metric("autoplay_evaluations_total", "counter", "Evaluations of sessions.")
TRIGGER_FAILURES: Final = Metric(
    "autoplay_trigger_failures_total", "counter", "Triggers that raised an error or were too slow.", ("kind",)
)
FAILED_MESSAGES: Final = Metric(
    "autoplay_failed_messages_total", "counter", "Messages from the gateway that could not be applied."
)
HOOK_QUEUE: Final = Metric("autoplay_hook_queue", "gauge", "Batches that wait for the on_actions hook.")
HOOK_FAILURES: Final = Metric(
    "autoplay_hook_failures_total", "counter", "Calls of the on_actions hook without a result.", ("kind",)
)
LLM_CALLS: Final = Metric(
    "autoplay_llm_calls_total",
    "counter",
    "Requests to the language model, by outcome; `circuit_open` and `over_quota` were not sent.",
    ("outcome",),
)
LLM_NOT_USED: Final = Metric(
    "autoplay_llm_answers_not_used_total",
    "counter",
    "Answers of the language model that were not sent, by what was wrong with them.",
    ("why",),
)
LLM_TOKENS: Final = Metric(
    "autoplay_llm_tokens_total", "counter", "Tokens, as the language model's endpoint counts them.", ("kind",)
)
LLM_SECONDS: Final = Metric(
    "autoplay_llm_call_seconds", "histogram", "Duration of the requests to the language model."
)
LLM_CIRCUIT: Final = Metric(
    "autoplay_llm_circuit_open",
    "gauge",
    "1 while the language model gets no requests, because it failed repeatedly.",
)
DATABASE_UP: Final = Metric("autoplay_database_up", "gauge", "0 while the database fails.")
DATABASE_WAITING: Final = Metric(
    "autoplay_database_waiting_writes",
    "gauge",
    "What waits to be written to the database, by kind.",
    ("kind",),
)
DATABASE_DROPPED: Final = Metric(
    "autoplay_database_dropped_writes_total",
    "counter",
    "What was never written, because too much waited, by kind.",
    ("kind",),
)
PAUSED: Final = Metric(
    "autoplay_paused", "gauge", "1 while a person has paused this trigger, or `all` of them.", ("trigger",)
)
CONFIGURATION: Final = Metric(
    "autoplay_configuration_info",
    "gauge",
    "Always 1; its label identifies the version of the files that is in force.",
    ("fingerprint",),
)
CONFIGURATION_LOADED: Final = Metric(
    "autoplay_configuration_loaded_timestamp_seconds",
    "gauge",
    "When the version of the files in force was loaded, epoch seconds.",
)
CONFIGURATION_REFUSED: Final = Metric(
    "autoplay_configuration_refused",
    "gauge",
    "1 while the newest version of the files is wrong, so an older one is in force.",
)
ENGINE_REDIS_UP: Final = Metric("autoplay_engine_redis_up", "gauge", "0 while Redis fails for the engine.")
PARTITIONS: Final = Metric(
    "autoplay_engine_partitions", "gauge", "How many of the 16 parts of the users this engine serves."
)
DROPPED_FRAMES: Final = Metric(
    "autoplay_engine_dropped_frames_total", "counter", "Frames for gateways that Redis did not take in time."
)

#: Only engines that share the users through Redis have these.
OF_SHARED_ENGINE = (ENGINE_REDIS_UP, PARTITIONS, DROPPED_FRAMES)

#: All of the engine's metrics, in the order of the documentation.
ENGINE_METRICS = (
    DECISIONS,
    OFFERS,
    ACCEPTED,
    UNDELIVERED,
    WITHDRAWN,
    GATES,
    RECEIPTS,
    UNKNOWN_RECEIPTS,
    TOURS_STARTED,
    TOURS,
    CHAT_FAILURES,
    DECISION_SECONDS,
    DELIVERY_SECONDS,
    RENDERING_SECONDS,
    SESSIONS,
    SESSIONS_EVICTED,
    ENGINE_FEEDS,
    OPEN_OFFERS,
    ACTIONS,
    EVALUATIONS,
    TRIGGER_FAILURES,
    FAILED_MESSAGES,
    HOOK_QUEUE,
    HOOK_FAILURES,
    LLM_CALLS,
    LLM_NOT_USED,
    LLM_TOKENS,
    LLM_SECONDS,
    LLM_CIRCUIT,
    DATABASE_UP,
    DATABASE_WAITING,
    DATABASE_DROPPED,
    PAUSED,
    CONFIGURATION,
    CONFIGURATION_LOADED,
    CONFIGURATION_REFUSED,
    *OF_SHARED_ENGINE,
)
