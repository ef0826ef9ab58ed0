"""``POST /webhooks/autoplay/events`` on a real Sanic server, with a link that the test controls."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from support.run import asynchronous
from support.sanic_server import fresh_app, serving

from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes import blueprint as routes
from rasa_autoplay.link.messages import Event, UpMessage
from rasa_autoplay.settings.channel import ChannelSettings

HIDDEN = "s3cret-of-the-webhook"


class Pusher:
    """Posts bodies like the connector, and collects what the gateway passes on."""

    def __init__(self, http: aiohttp.ClientSession, url: str, gateway: Gateway) -> None:
        self._http, self._url, self.gateway = http, url, gateway
        self.sent: list[UpMessage] = []
        self.has_room = True
        gateway.link.send = self._send  # type: ignore[method-assign]

    def _send(self, message: UpMessage) -> bool:
        if self.has_room:
            self.sent.append(message)
        return self.has_room

    async def push(self, body: bytes, signature: str | None = "", **headers: str) -> tuple[int, Any]:
        if signature == "":
            signature = "sha256=" + hmac.new(HIDDEN.encode(), body, hashlib.sha256).hexdigest()
        if signature is not None:
            headers["X-Connector-Signature"] = signature
        async with self._http.post(f"{self._url}/events", data=io.BytesIO(body), headers=headers) as response:
            is_json = response.content_type == "application/json"
            return response.status, await response.json() if is_json else None


@asynccontextmanager
async def pushing(**settings: Any) -> AsyncIterator[Pusher]:
    section = {"product_id": "demo", "identity": "none", "webhook_secret": HIDDEN, **settings}
    gateway = Gateway(ChannelSettings.parse_obj(section))
    app = fresh_app()
    app.blueprint(routes.gateway_blueprint(gateway), url_prefix="/webhooks/autoplay")
    async with serving(app) as origin, aiohttp.ClientSession() as http:
        yield Pusher(http, f"{origin}/webhooks/autoplay", gateway)


def batch(**fields: Any) -> bytes:
    now = time.time()
    action = {"title": "Click Save changes", "type": "click", "timestamp_start": now}
    known = {"product_id": "demo", "session_id": "ps_1", "user_id": "u1", "forwarded_at": now}
    return json.dumps({"type": "actions", "actions": [action], **known, **fields}).encode()


@asynchronous
async def test_signed_batch_reaches_the_engine_once() -> None:
    async with pushing() as pusher:
        body = batch()
        assert [await pusher.push(body) for _ in range(3)] == [(200, {"status": "ok"})] * 3
        (event,) = pusher.sent
        assert isinstance(event, Event)
        assert (event.source, event.payload.session_id) == ("webhook", "ps_1")


@asynchronous
async def test_answers_only_401_to_a_wrong_or_missing_signature() -> None:
    async with pushing() as pusher:
        body = batch()
        other = "sha256=" + hmac.new(b"other", body, hashlib.sha256).hexdigest()
        for signature in (None, other, "sha256=", "sha1=00", "sha256=" + "é" * 64):
            assert await pusher.push(body, signature) == (401, {"error": "the signature is missing or wrong"})
        # Unreadable and readable bodies are answered alike: neither is read.
        assert (await pusher.push(b"{", other))[0] == 401
        assert pusher.sent == []


@asynchronous
async def test_verifies_the_signature_over_the_raw_body() -> None:
    async with pushing() as pusher:
        spaced = batch().replace(b":", b" :  ").replace(b" :  //", b"://")
        signature = "sha256=" + hmac.new(HIDDEN.encode(), spaced, hashlib.sha256).hexdigest()
        assert (await pusher.push(json.dumps(json.loads(spaced)).encode(), signature))[0] == 401
        assert (await pusher.push(spaced, signature))[0] == 200


@asynchronous
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"type":"other"}', b"\xff\xfe", b"[" * 10_000])
async def test_answers_400_to_signed_junk(body: bytes) -> None:
    async with pushing() as pusher:
        status, answer = await pusher.push(body)
        assert (status, list(answer)) == (400, ["error"])
        assert pusher.sent == []


@asynchronous
async def test_answers_413_to_a_body_over_the_limit() -> None:
    async with pushing() as pusher:
        assert (await pusher.push(b" " * ((1 << 20) + 1)))[0] == 413
        assert (await pusher.push(batch(padding="x" * ((1 << 20) - 1000))))[0] == 200


@asynchronous
async def test_asks_the_sender_to_retry_while_the_queue_is_full() -> None:
    async with pushing() as pusher:
        body = batch()
        pusher.has_room = False
        assert (await pusher.push(body))[0] == 503
        pusher.has_room = True
        assert (await pusher.push(body))[0] == 200
        assert len(pusher.sent) == 1


@asynchronous
async def test_route_is_absent_without_a_secret() -> None:
    async with pushing(webhook_secret="") as pusher:
        assert (await pusher.push(batch()))[0] == 404


@asynchronous
async def test_health_reports_the_webhook_without_its_secret() -> None:
    async with pushing() as pusher:
        await pusher.push(batch())
        await pusher.push(batch(product_id="other"))
        (source,) = pusher.gateway.sources
        health = source.health()
        assert (health["state"], health["accepted"], health["other_product"]) == ("connected", 1, 1)
        assert HIDDEN not in str(health)
