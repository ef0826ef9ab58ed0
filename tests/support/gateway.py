"""The gateway on a real server, without an engine: its link stores what it receives."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from sanic_cors import CORS  # type: ignore[import-untyped]

from rasa_autoplay.common.http.request_body import BodyReader
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.chat.open_talks import OpenTalks
from rasa_autoplay.gateway.chat.openings import ChatOpener
from rasa_autoplay.gateway.feed_queues import FeedHub
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.blueprint import gateway_blueprint
from rasa_autoplay.link.messages import Event
from rasa_autoplay.settings.channel import ChannelSettings
from support.sanic_server import fresh_app, serving
from support.stand_in_link import StandInLink

__all__ = ["BASE", "ServedGateway", "served_gateway"]

BASE = "/webhooks/autoplay"
_RATES = [f"{who}{what}_per_minute" for who in ("user", "address") for what in ("", "_events", "_sessions")]


class AcceptingWindows:
    """Chat windows that accept every message."""

    async def say(self, sender_id: str, text: str, button: Any = None) -> None:
        assert isinstance(sender_id, str)


class ServedGateway:
    """The server and a client for it."""

    def __init__(self, origin: str, gateway: Gateway, link: StandInLink, bodies: BodyReader) -> None:
        self.origin, self.gateway, self.link, self.bodies = origin, gateway, link, bodies
        self.http = aiohttp.ClientSession()

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Send a request; return the status and the JSON body, or its text if it is not JSON."""
        async with self.http.request(
            method, f"{self.origin}{BASE}{path}", data=body or None, headers=headers
        ) as response:
            if response.content_type == "application/json":
                return response.status, await response.json()
            return response.status, await response.text()

    async def health(self, source: str) -> dict[str, Any]:
        """Return a source's health."""
        _, health = await self.request("GET", "/")
        told: dict[str, Any] = health["sources"][source]
        return told

    @property
    def batches(self) -> list[ActionsPayload]:
        """The batches that the link received."""
        payloads = [message.payload for message in self.link.sent if isinstance(message, Event)]
        return [payload for payload in payloads if isinstance(payload, ActionsPayload)]

    @property
    def actions(self) -> list[SlimAction]:
        """The actions in those batches."""
        return [action for batch in self.batches for action in batch.actions]


@asynccontextmanager
async def served_gateway(bodies: BodyReader | None = None, **settings: Any) -> AsyncIterator[ServedGateway]:
    """Serve a gateway.

    Args:
        bodies: the reader of request bodies.
        settings: settings of the channel, in addition to the required ones.
    """
    often = dict.fromkeys(_RATES, 1_000_000)
    section = {"product_id": "demo", "identity": "none", "capture": True, "rate_limits": often, **settings}
    gateway = Gateway(ChannelSettings.parse_obj(section))
    link = StandInLink()
    gateway.link, gateway.feeds = link, FeedHub(link.send)
    gateway.chat_opener = ChatOpener(link, AcceptingWindows(), OpenTalks(time.monotonic))
    app = fresh_app()
    # As Rasa does: it answers the questions that browsers ask first about requests to another origin.
    CORS(app, resources={r"/*": {"origins": ""}}, automatic_options=True)
    bodies = app.ctx.autoplay_bodies = BodyReader() if bodies is None else bodies
    app.blueprint(gateway_blueprint(gateway), url_prefix=BASE)
    async with serving(app) as origin:
        made = ServedGateway(origin, gateway, link, bodies)
        try:
            yield made
        finally:
            gateway.feeds.end_all()
            await gateway.chat_opener.stop()
            await made.http.close()
