"""The gateway's metrics: their names, what they show, and their labels."""

from __future__ import annotations

from typing import Final

from rasa_autoplay.common.metrics.metric import Metric

__all__ = ["GATEWAY_METRICS", "OF_JOURNAL", "OF_REDIS"]

ACTION_TO_SENT: Final = Metric(
    "autoplay_action_to_sent_seconds",
    "histogram",
    "From an action's arrival in the gateway to the toast that it caused, written to the page's connection.",
)
EVENT_SECONDS: Final = Metric(
    "autoplay_event_delivery_seconds",
    "histogram",
    "From an event's arrival in the gateway until the engine has applied it, or Redis has stored it.",
)
TOASTS: Final = Metric("autoplay_toasts_written_total", "counter", "Toasts written to pages' connections.")
SOURCE_EVENTS: Final = Metric(
    "autoplay_source_events_total", "counter", "Events from a source, by outcome.", ("source", "outcome")
)
SOURCE_UP: Final = Metric("autoplay_source_up", "gauge", "0 while the source fails.", ("source",))
SOURCE_LAST_EVENT: Final = Metric(
    "autoplay_source_last_event_timestamp_seconds",
    "gauge",
    "When the source's latest event arrived, epoch seconds; 0 if none has arrived.",
    ("source",),
)
FEEDS: Final = Metric("autoplay_feeds_open", "gauge", "Pages that are connected to the toast feed.")
FEEDS_REFUSED: Final = Metric(
    "autoplay_feeds_refused_total", "counter", "Refused feeds, by the limit that was reached.", ("limit",)
)
FEED_QUEUE: Final = Metric("autoplay_feed_queue", "gauge", "Frames that wait to be written to pages.")
LINK_CONNECTED: Final = Metric(
    "autoplay_link_connected", "gauge", "1 while the gateway is connected to the engine, or to Redis."
)
LINK_CONNECTIONS: Final = Metric(
    "autoplay_link_connections_total",
    "counter",
    "How often the link was established; the first time counts, too.",
)
LINK_QUEUE: Final = Metric("autoplay_link_queue", "gauge", "Messages that wait for the engine.")
LINK_QUEUE_RATIO: Final = Metric(
    "autoplay_link_queue_ratio", "gauge", "How full that queue is, from 0 to 1. A full queue refuses events."
)
LINK_MESSAGES: Final = Metric(
    "autoplay_link_messages_total", "counter", "Messages to the engine, by what became of them.", ("outcome",)
)
LINK_REDIS: Final = Metric("autoplay_link_redis_up", "gauge", "0 while Redis fails for the gateway.")
JOURNAL_UP: Final = Metric("autoplay_journal_up", "gauge", "0 while the journal cannot be written.")
JOURNAL_EVENTS: Final = Metric("autoplay_journal_events", "gauge", "Events in the journal.")
JOURNAL_BYTES: Final = Metric("autoplay_journal_bytes", "gauge", "Size of the journal's files.")
JOURNAL_LIMIT: Final = Metric("autoplay_journal_limit_bytes", "gauge", "The largest allowed size.")
JOURNAL_FAILURES: Final = Metric(
    "autoplay_journal_failures_total",
    "counter",
    "Failures of the journal, by reason.",
    ("reason",),
)
RATE_LIMITED: Final = Metric(
    "autoplay_rate_limited_total", "counter", "Refused requests, by the limit that was reached.", ("limit",)
)
CONSENT_DROPPED: Final = Metric(
    "autoplay_consent_dropped_events_total",
    "counter",
    "Events that were not kept, because their user has not given consent, by reason.",
    ("reason",),
)
CONSENT_HELD: Final = Metric(
    "autoplay_consent_held_events",
    "gauge",
    "Events that wait in memory until their user's consent is known.",
)
CHAT_SOCKETS: Final = Metric("autoplay_chat_sockets_open", "gauge", "Open chat sockets.")
CHAT_REFUSED: Final = Metric("autoplay_chat_sockets_refused_total", "counter", "Refused chat sockets.")

#: Only gateways with a journal have these.
OF_JOURNAL = (JOURNAL_UP, JOURNAL_EVENTS, JOURNAL_BYTES, JOURNAL_LIMIT, JOURNAL_FAILURES)
#: Only gateways that are joined by Redis have these.
OF_REDIS = (LINK_REDIS,)

#: All of the gateway's metrics, in the order of the documentation.
GATEWAY_METRICS = (
    ACTION_TO_SENT,
    EVENT_SECONDS,
    TOASTS,
    SOURCE_EVENTS,
    SOURCE_UP,
    SOURCE_LAST_EVENT,
    FEEDS,
    FEEDS_REFUSED,
    FEED_QUEUE,
    LINK_CONNECTED,
    LINK_CONNECTIONS,
    LINK_QUEUE,
    LINK_QUEUE_RATIO,
    LINK_MESSAGES,
    *OF_REDIS,
    *OF_JOURNAL,
    RATE_LIMITED,
    CONSENT_DROPPED,
    CONSENT_HELD,
    CHAT_SOCKETS,
    CHAT_REFUSED,
)
