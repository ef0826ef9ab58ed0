"""All checks of a health report, for the doctor and for the studio."""

from __future__ import annotations

from rasa_autoplay.common.checks import Check
from rasa_autoplay.gateway.studio import browser_problems as browsers
from rasa_autoplay.gateway.studio import consent_checks as consent
from rasa_autoplay.gateway.studio import health_observations as saw
from rasa_autoplay.gateway.studio import health_problems as wrong
from rasa_autoplay.gateway.studio import outcome_health as outcomes
from rasa_autoplay.gateway.studio import promotion_health as promotion
from rasa_autoplay.gateway.studio import trace_checks as traces
from rasa_autoplay.gateway.studio.health import HealthReport

__all__ = ["HEALTH_CHECKS"]

#: In the order in which they are shown. Those with a second function depend on something that the servers
#: must have observed: without it, they are not seen yet.
HEALTH_CHECKS: tuple[Check[HealthReport], ...] = (
    Check("link", "the Rasa server is connected to the engine", wrong.link),
    Check("engine", "the engine and its database work", wrong.engine),
    Check("language model", "the language model answers", wrong.none, saw.language_model),
    Check("embeddings", "the embedding model answers", wrong.none, saw.embeddings),
    Check("recording", "sessions are recorded", wrong.recording, saw.recording),
    Check("events", "the sources work", wrong.events, saw.events),
    Check("page settings", "posthog-js sends what triggers need", wrong.page_settings, saw.page_settings),
    Check("second source", "one source reports each user", wrong.owners, saw.owners),
    Check("pages seen", "sources report page views", wrong.page_views, saw.page_views),
    Check("known users", "actions come from known users", wrong.known_users, saw.known_users),
    Check("delay", "browsers send actions at once", wrong.batching, saw.batching),
    Check("source limits", "sources show what triggers need", browsers.source_limits, saw.source_limits),
    Check("offers", "triggers fire", wrong.offers, saw.offers),
    Check("script loaded", "pages load autoplay.js", wrong.none, saw.script),
    Check("feeds", "a browser is connected to the toast feed", wrong.none, saw.feeds),
    Check("silent pages", "pages that are open send events", browsers.silent_pages, saw.silent_pages),
    Check("refused origins", "all pages are of allowed origins", browsers.refused_origins, saw.origins),
    Check("toasts in time", "no proxy holds feeds back", browsers.buffered_feeds, saw.buffered_feeds),
    Check("addresses", "the server knows its clients' addresses", wrong.addresses, saw.addresses),
    Check("offers heard", "offers reach their users' pages", wrong.undelivered_offers, saw.offers_heard),
    Check("chat users", "the chat knows its users", wrong.chat_users, saw.chat_users),
    Check("chat windows", "Open chat finds the window", wrong.chat_windows, saw.chat_windows),
    Check("tours", "no tour stops early", wrong.tours, saw.tours),
    Check("freshness", "users do the steps as the golden paths say", wrong.freshness, saw.freshness),
    Check("outcomes", "receivers accept outcomes", outcomes.receivers, outcomes.deliveries),
    Check("promotion", "the engine promotes proposals", promotion.stuck_steps, promotion.looks),
    Check("clock", "no clock is ahead", wrong.clock, saw.clock),
    Check("traces", "traces reach a collector", traces.lost_traces, traces.sent_traces),
    Check("consent", "users have given consent", consent.unanswered, consent.given_consents),
    Check("tokens", "users' tokens are accepted", wrong.tokens, saw.tokens),
)
