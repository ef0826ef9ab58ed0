"""Routes for analytics: ``/capture/…`` for posthog-js, and ``/posthog`` etc. for analytics servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sanic import Request
from sanic.response import HTTPResponse, raw

from rasa_autoplay.common.http.request_body import BadRequest
from rasa_autoplay.common.http.responses import address_of, bearer_token, json_answer, read_body
from rasa_autoplay.common.identity.user_tokens import Caller
from rasa_autoplay.errors import IdentityRefused, MalformedEvent
from rasa_autoplay.gateway.access.identity_modes import Identity
from rasa_autoplay.gateway.access.request_limits import sender_of
from rasa_autoplay.gateway.access.route_policy import CAPTURE, SIGNED
from rasa_autoplay.gateway.custody import Delivery
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.gateway.sources.posthog.analytics_webhook import AnalyticsWebhook
from rasa_autoplay.gateway.sources.posthog.posthog_js_responses import (
    CAPTURED,
    EMPTY_LISTS,
    config_answer,
    config_script,
    decide_answer,
    extension_script,
    flags_answer,
)
from rasa_autoplay.gateway.sources.posthog.project_key import WrongProjectKey
from rasa_autoplay.gateway.sources.posthog.source import CaptureSource, EventsOfOthers
from rasa_autoplay.gateway.sources.posthog.wire import (
    MAX_BYTES,
    CapturedRequest,
    PayloadTooLarge,
    session_ids,
)

__all__ = ["add_posthog_routes"]

_NO_SCRIPTS = (
    "Load posthog-js from its npm package or from PostHog's host. This server only receives its events."
)
_ANSWERS: dict[str, Callable[[], dict[str, Any]]] = {"flags": flags_answer, "decide": decide_answer}


def add_posthog_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes of capture and of the analytics webhooks, as configured.

    Args:
        add: attaches a handler to a path and a method.
        gateway: its sources accept the events.
    """
    if gateway.sources.capture is not None:
        capture = _CaptureRoutes(gateway, gateway.sources.capture)
        add(capture.capture_get, "/capture/<path:path>", policy=CAPTURE)
        add(capture.capture_post, "/capture/<path:path>", "POST", policy=CAPTURE)
    for webhook in gateway.sources.webhooks:
        add(_WebhookRoute(gateway, webhook).post, f"/{webhook.name}", "POST", policy=SIGNED)


class _CaptureRoutes:
    def __init__(self, gateway: Gateway, source: CaptureSource) -> None:
        self._gateway = gateway
        self._source = source

    async def capture_get(self, request: Request, path: str) -> HTTPResponse:
        path = path.strip("/")
        parts = path.split("/")
        if parts[0] == "array" and len(parts) == 3:
            if parts[2] == "config":
                return json_answer(config_answer())
            if parts[2] == "config.js":
                return _script(config_script(unquote(parts[1])))
        if parts[0] == "static" and (extension := extension_script(path.removeprefix("static/"))):
            return _script(extension)
        if path in EMPTY_LISTS:
            return json_answer(EMPTY_LISTS[path])
        if path in _ANSWERS:
            return json_answer(_ANSWERS[path]())
        if request.args.get("data"):
            return await self._accept(b"", request)
        raise BadRequest("the capture endpoint has no such page", remedy=_NO_SCRIPTS, status=404)

    async def capture_post(self, request: Request, path: str) -> HTTPResponse:
        body = await read_body(request, self._source.max_bytes)
        path = path.strip("/")
        if path in _ANSWERS:
            return json_answer(_ANSWERS[path]())
        if path == "s":
            # Screen recordings, which the configuration disables. They are not read.
            return json_answer(CAPTURED)
        return await self._accept(body, request)

    async def _accept(self, body: bytes, request: Request) -> HTTPResponse:
        query = {name: values[0] for name, values in request.args.items() if values}
        caller = self._gateway.identity.caller(bearer_token(request), "")
        self._gateway.rates.check_user(caller.user_id)
        browser = _Browser(self._gateway.identity, caller)
        delivery = Delivery(self._gateway.keeper)

        def check(captured: CapturedRequest) -> None:
            sessions = session_ids(captured)
            sender = sender_of(browser.user_id, address_of(request), sessions[0] if sessions else "")
            self._gateway.rates.check_events(sender, len(captured.events), sessions)
            delivery.sender = sender.key

        content_type = request.headers.get("content-type", "")
        try:
            await self._source.accept(body, content_type, query, delivery, browser, check)
        except EventsOfOthers as problem:
            raise browser.refusal or problem from None
        except MalformedEvent as problem:
            raise _refusal(problem) from None
        # After any other answer, posthog-js sends the events again.
        return json_answer(CAPTURED)


class _Browser:
    """A browser that sends events; they may name only the user whom it speaks for."""

    def __init__(self, identity: Identity, caller: Caller) -> None:
        self._identity = identity
        self._caller = caller
        self.refusal: IdentityRefused | None = None
        self._answers: dict[str, bool] = {}

    @property
    def user_id(self) -> str:
        """The user whose token came with the request; empty without a token."""
        return self._caller.user_id if self._caller.is_verified else ""

    def may_name(self, user_id: str) -> bool:
        """Whether an event may name this user; each user is checked once."""
        if user_id not in self._answers:
            self._answers[user_id] = self._check(user_id)
        return self._answers[user_id]

    def _check(self, user_id: str) -> bool:
        try:
            self._identity.check_owner(self._caller, user_id)
        except IdentityRefused as refusal:
            self.refusal = refusal
            return False
        return True


class _WebhookRoute:
    def __init__(self, gateway: Gateway, source: AnalyticsWebhook) -> None:
        self._gateway = gateway
        self._source = source

    async def post(self, request: Request) -> HTTPResponse:
        header = self._source.kind.header
        presented = request.headers.get(header, "")
        if not self._source.admits(_bearer(presented) if header == "authorization" else presented):
            self._gateway.rates.check_address(address_of(request))
            raise BadRequest(f"the header {header} is missing or wrong", status=401)
        body = await read_body(request, MAX_BYTES)
        try:
            counts = await self._source.accept(body, Delivery(self._gateway.keeper))
        except MalformedEvent as problem:
            raise _refusal(problem) from None
        return json_answer({"status": "ok", **counts})


def _bearer(presented: str) -> str:
    scheme, _, token = presented.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _script(text: str) -> HTTPResponse:
    return raw(text.encode(), content_type="application/javascript; charset=utf-8")


def _refusal(problem: MalformedEvent) -> BadRequest:
    status = 400
    if isinstance(problem, PayloadTooLarge):
        status = 413
    elif isinstance(problem, WrongProjectKey):
        status = 401
    return BadRequest(problem.message, remedy=problem.remedy, status=status)
