"""The routes that browsers use: toast feed, receipts, chat, tours, answers; and those of health."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.request_body import bodies_of
from rasa_autoplay.common.http.responses import (
    BadRequest,
    address_of,
    bearer_token,
    error,
    id_field,
    id_in_path,
    id_in_query,
    json_answer,
    query_argument,
    read_body,
    read_json,
    text_field,
)
from rasa_autoplay.common.identity.user_tokens import Caller
from rasa_autoplay.common.languages.preferences import read_preferences
from rasa_autoplay.errors import (
    MalformedEvent,
)
from rasa_autoplay.gateway.access.automated_browsers import is_automated
from rasa_autoplay.gateway.access.route_policy import SIGNED
from rasa_autoplay.gateway.cors import CrossOrigin
from rasa_autoplay.gateway.custody import Delivery
from rasa_autoplay.gateway.feed_queues import TooManyFeeds
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.gateway_consent import CONSENT_EVENT
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.gateway.routes.feed_stream import stream_feed, wait_of
from rasa_autoplay.gateway.sightings import DOCTOR_USER
from rasa_autoplay.gateway.sources.push import Unsigned
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import ACCEPT_BUTTONS, RECEIPT_EVENTS, TOUR_OUTCOMES
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.link.requests import (
    Acknowledge,
    EndTour,
    ExplainSteps,
    Reply,
    ReportTourProblem,
    StartTour,
    StepTour,
)

__all__ = ["add_browser_routes"]

_MAX_PUSHED_BYTES = 1 << 20
#: The engine may ask the language model twice, by default for 8 s each.
_REPLY_TIMEOUT_S = 60.0

#: The length of the feeds that a browser asks for if it cannot hold one open.
_SHORT_WAIT_S = 1.0

#: The problems that a page may report about a tour's step.
_TOUR_PROBLEMS = ("missing", "invalid")


def add_browser_routes(add: AddRoute, gateway: Gateway, cross_origin: CrossOrigin) -> None:
    """Add these routes.

    Args:
        add: adds one route to the blueprint.
        gateway: what the routes ask.
        cross_origin: which websites may read the answers.
    """
    routes = _BrowserRoutes(gateway, cross_origin)
    add(routes.health, "/")
    add(routes.metrics, "/metrics")
    # A proxy may decode an id's %2F, so that it becomes several segments.
    add(routes.feed, "/proactive/stream/<user_id:path>")
    add(routes.feed_by_query, "/proactive/stream")
    add(routes.acknowledge, "/proactive/ack", "POST")
    add(routes.inject, "/proactive/inject", "POST")
    add(routes.explain, "/proactive/explain", "POST")
    add(routes.tour_start, "/tour/start", "POST")
    add(routes.tour_step, "/tour/step", "POST")
    add(routes.tour_end, "/tour/end", "POST")
    add(routes.tour_problem, "/tour/problem", "POST")
    add(routes.reply, "/reply/<user_id:path>")
    add(routes.reply_by_query, "/reply")
    if gateway.sources.pushed is not None:
        add(routes.pushed_event, "/events", "POST", policy=SIGNED)


def _url_in(data: dict[str, Any]) -> str:
    """The page's URL in a body, cut to what URLs need; empty if there is none."""
    return text_field(data, "url", required=False, max_length=10_000)[:2_000]


class _BrowserRoutes:
    def __init__(self, gateway: Gateway, cross_origin: CrossOrigin) -> None:
        self._gateway = gateway
        self._cross_origin = cross_origin

    async def health(self, request: Request) -> HTTPResponse:
        health = {"bodies": bodies_of(request.app).health(), "origins": self._cross_origin.health()}
        return json_answer({**await self._gateway.health.read(), **health})

    async def metrics(self, request: Request) -> HTTPResponse:
        return self._gateway.metrics.answer(request)

    # These two are not async: a coroutine that only awaits another one takes 552 bytes of each feed.
    def feed(self, request: Request, user_id: str) -> Awaitable[HTTPResponse | None]:
        return self._feed(request, id_in_path(user_id, "user"))

    def feed_by_query(self, request: Request) -> Awaitable[HTTPResponse | None]:
        return self._feed(request, id_in_query(request, "user_id", "user"))

    async def _feed(self, request: Request, user_id: str) -> HTTPResponse | None:
        # A new EventSource cannot set the header that a reconnecting one sends by itself.
        last_offer_id = request.headers.get("last-event-id") or request.args.get("last_event_id", "")
        wait_s = wait_of(request.args.get("wait"))
        caller = self._caller(request, user_id)
        self._saw_feed(request, user_id, is_short=wait_s <= _SHORT_WAIT_S)
        try:
            # autoplay.js sends receipts. For other clients, a delivered offer counts as shown.
            sends_receipts = request.args.get("receipts") == "1"
            with self._gateway.feeds.subscribe(
                user_id,
                last_offer_id[:128],
                sends_receipts=sends_receipts,
                languages=read_preferences(request.args.get("languages")),
            ) as feed:
                if data := self._gateway.consent.feed_event(user_id):
                    feed.put(FeedFrame(user_id, CONSENT_EVENT, "", data))
                # The feed ends when its token expires; the browser reconnects with a new one.
                left_s = min(wait_s, caller.until - time.time())
                await stream_feed(request, feed, left_s, self._gateway.latencies.written)
        except TooManyFeeds as refusal:
            return error(429 if refusal.of_user else 503, str(refusal), retry_after_s=30)
        return None

    def _saw_feed(self, request: Request, user_id: str, *, is_short: bool) -> None:
        if user_id == DOCTOR_USER or not self._cross_origin.accepts(request):
            return
        self._gateway.sightings.saw("short_feed" if is_short else "feed")
        if is_automated(request.headers.get("user-agent", "")):
            self._gateway.sightings.saw("bot_feed")

    async def acknowledge(self, request: Request) -> HTTPResponse:
        data = await read_json(request)
        offer_id, event = id_field(data, "offer_id"), text_field(data, "event")
        if event not in RECEIPT_EVENTS:
            raise BadRequest(f"'event' must be one of {', '.join(RECEIPT_EVENTS)}")
        button = id_field(data, "button", required=False)
        if button and button not in ACCEPT_BUTTONS:
            raise BadRequest(f"'button' must be one of {', '.join(ACCEPT_BUTTONS)}")
        user_id = self._caller(request, id_field(data, "user_id", required=False)).user_id
        self._gateway.receipt_delays.received(offer_id, event)
        return await self._ask(Acknowledge(offer_id, event, user_id, button))

    async def inject(self, request: Request) -> HTTPResponse:
        data = await read_json(request)
        sender_id = id_field(data, "sender_id")
        # The wire contract requires a body, but the bot says the offer's own text.
        text_field(data, "body", max_length=10_000)
        caller = self._caller(request, id_field(data, "user_id", required=False))
        await self._gateway.chat_guard.check(caller, sender_id)
        user_id = caller.user_id or sender_id
        trigger_id = id_field(data, "trigger_id", required=False)
        offer_id = id_field(data, "offer_id", required=False)
        step = id_field(data, "step", required=False)
        languages = read_preferences(data.get("languages"))
        await self._gateway.chat_opener.open(sender_id, user_id, trigger_id, offer_id, step, languages)
        return json_answer({"status": "ok"})

    async def explain(self, request: Request) -> HTTPResponse:
        data = await read_json(request)
        user_id = self._user_of(request, data)
        ids = {name: id_field(data, name, required=False) for name in ("trigger_id", "offer_id", "step")}
        languages = read_preferences(data.get("languages"))
        steps = await self._gateway.link.ask(ExplainSteps(user_id, **ids, languages=languages))
        return json_answer({"status": "ok", "text": steps.text, "source": steps.source})

    async def reply(self, request: Request, user_id: str) -> HTTPResponse:
        return await self._reply(request, id_in_path(user_id, "user"))

    async def reply_by_query(self, request: Request) -> HTTPResponse:
        return await self._reply(request, id_in_query(request, "user_id", "user"))

    async def _reply(self, request: Request, user_id: str) -> HTTPResponse:
        user_id = self._caller(request, user_id).user_id
        query = query_argument(request)
        asked = Reply(user_id, query, read_preferences(request.args.get("languages")))
        return json_answer(await self._gateway.link.ask(asked, _REPLY_TIMEOUT_S))

    async def tour_start(self, request: Request) -> HTTPResponse:
        data = await read_json(request)
        user_id, tour_id = self._user_of(request, data), id_field(data, "tour_id")
        self._gateway.sightings.saw("tour")
        return await self._ask(StartTour(user_id, tour_id, id_field(data, "offer_id", required=False)))

    async def tour_step(self, request: Request) -> HTTPResponse:
        data = await read_json(request)
        tour_id, step = (id_field(data, name, required=False) for name in ("tour_id", "step"))
        return await self._ask(StepTour(self._user_of(request, data), tour_id, step, _url_in(data)))

    async def tour_end(self, request: Request) -> HTTPResponse:
        data = await read_json(request)
        outcome, step = (id_field(data, name, required=False) for name in ("outcome", "step"))
        if outcome and outcome not in TOUR_OUTCOMES:
            raise BadRequest(f"'outcome' must be one of {', '.join(TOUR_OUTCOMES)}")
        return await self._ask(EndTour(self._user_of(request, data), outcome, step))

    async def tour_problem(self, request: Request) -> HTTPResponse:
        data = await read_json(request)
        user_id, tour_id = self._user_of(request, data), id_field(data, "tour_id")
        problem = id_field(data, "problem")
        if problem not in _TOUR_PROBLEMS:
            raise BadRequest(f"'problem' must be one of {', '.join(_TOUR_PROBLEMS)}")
        step = id_field(data, "step", required=False)
        return await self._ask(ReportTourProblem(user_id, tour_id, step, problem, _url_in(data)))

    def _user_of(self, request: Request, data: dict[str, Any]) -> str:
        """The user whom a body names; the request must speak for the same user."""
        return self._caller(request, id_field(data, "user_id")).user_id

    def _caller(self, request: Request, user_id: str) -> Caller:
        caller = self._gateway.identity.caller(bearer_token(request), user_id)
        self._gateway.rates.check_user(caller.user_id)
        return caller

    async def _ask(self, request: EngineRequest[Any]) -> HTTPResponse:
        return json_answer(await self._gateway.link.ask(request))

    async def pushed_event(self, request: Request) -> HTTPResponse:
        assert self._gateway.sources.pushed is not None  # noqa: S101 - otherwise the route does not exist
        body = await read_body(request, _MAX_PUSHED_BYTES)
        delivery = Delivery(self._gateway.keeper)
        try:
            await self._gateway.sources.pushed.accept(
                body, request.headers.get("x-connector-signature"), delivery
            )
        except Unsigned:
            self._gateway.rates.check_address(address_of(request))
            return error(401, "the signature is missing or wrong")
        except MalformedEvent as problem:
            return error(400, problem.message)
        return json_answer({"status": "ok"})
