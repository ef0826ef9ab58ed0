"""The routes for operators, which show data of users and need the admin key."""

from __future__ import annotations

import msgspec
from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import BadRequest, id_in_path, json_answer, query_argument
from rasa_autoplay.common.http.sse import STREAM_HEADERS, encode_event
from rasa_autoplay.common.identity.ids import ID_RULE, is_id
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.gateway.routes.recordings import REPLAY_WAIT_S, id_argument, moment_argument
from rasa_autoplay.link.requests import (
    ExplainUser,
    FindOffer,
    FindOffersOfUser,
    FindResults,
    FindUserMemory,
    SearchKnowledge,
)
from rasa_autoplay.link.studio_requests import ExplainMoment

__all__ = ["add_operator_routes"]

_MAX_RESULTS = 50
_MAX_OFFERS = 200
_LONGEST_SINCE, _LONGEST_TRIGGER_ID = 40, 200


def add_operator_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes that need the admin key.

    Args:
        add: attaches a handler to a path.
        gateway: asks the engine.
    """
    routes = _OperatorRoutes(gateway)
    add(routes.explain, "/explain/<user_id:path>")
    add(routes.offer, "/offers/<offer_id:str>")
    add(routes.offers, "/users/<product_id:str>/<user_id:path>/offers")
    add(routes.results, "/results")
    add(routes.tail, "/tail")
    add(routes.stream, "/stream/<product_id:str>")
    add(routes.memory, "/users/<product_id:str>/<user_id:path>/memory")
    add(routes.knowledge_base, "/knowledge-base/<product_id:str>")


class _OperatorRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def explain(self, request: Request, user_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        user_id = id_in_path(user_id, "user")
        if request.args.get("session") or request.args.get("at"):
            asked = ExplainMoment(user_id, id_argument(request, "session"), moment_argument(request, "at"))
            return json_answer((await self._gateway.link.ask(asked, REPLAY_WAIT_S)).explanation)
        return json_answer((await self._gateway.link.ask(ExplainUser(user_id))).explanation)

    async def memory(self, request: Request, product_id: str, user_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        request = FindUserMemory(id_in_path(user_id, "user"), id_in_path(product_id, "product"))
        return json_answer((await self._gateway.link.ask(request)).memory)

    async def offer(self, request: Request, offer_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        answer = await self._gateway.link.ask(FindOffer(id_in_path(offer_id, "offer")))
        return json_answer(answer.offer)

    async def offers(self, request: Request, product_id: str, user_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        asked = FindOffersOfUser(
            product_id=id_in_path(product_id, "product"),
            user_id=id_in_path(user_id, "user"),
            limit=_count(request, "limit", 20, _MAX_OFFERS),
        )
        return json_answer(await self._gateway.link.ask(asked))

    async def results(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        asked = FindResults(
            since=_text(request, "since", "30d", _LONGEST_SINCE),
            trigger_id=_text(request, "trigger", "", _LONGEST_TRIGGER_ID),
        )
        return json_answer((await self._gateway.link.ask(asked)).results)

    async def knowledge_base(self, request: Request, product_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        search = SearchKnowledge(
            product_id=id_in_path(product_id, "product"),
            query=query_argument(request),
            top_k=_count(request, "top_k", 3, _MAX_RESULTS),
        )
        return json_answer(await self._gateway.link.ask(search))

    async def tail(self, request: Request) -> HTTPResponse | None:
        self._gateway.operators.check(request)
        user_id, session_id = (_filter(request, name) for name in ("user_id", "session_id"))
        # Before the stream begins, so that its errors can still be answered with a status.
        watch = await self._gateway.tails.begin(self._gateway.link, user_id, session_id)
        response = await request.respond(
            content_type="text/event-stream; charset=utf-8", headers=STREAM_HEADERS
        )
        await response.send(b": watching\n\n")
        async for moments in watch:
            events = b"".join(encode_event(msgspec.json.encode(moment)) for moment in moments)
            await response.send(events or b": heartbeat\n\n")
        await response.eof()
        return None

    async def stream(self, request: Request, product_id: str) -> HTTPResponse | None:
        self._gateway.operators.check(request)
        if id_in_path(product_id, "product") != self._gateway.settings.product_id:
            raise BadRequest(f"this server has no product {product_id!r}", status=404)
        if self._gateway.event_streams.is_full:
            raise BadRequest("too many programs read this stream", status=503, retry_after_s=30)
        response = await request.respond(
            content_type="text/event-stream; charset=utf-8", headers=STREAM_HEADERS
        )
        await response.send(b": connected\n\n")
        with self._gateway.event_streams.subscribe() as subscription:
            while (frame := await subscription.next()) is not None:
                await response.send(frame)
        await response.eof()
        return None


def _count(request: Request, name: str, default: int, maximum: int) -> int:
    """A query argument that limits the number of results."""
    text = str(request.args.get(name) or "")
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= maximum:
        raise BadRequest(f"{name!r} must be a number from 1 to {maximum}")
    return int(text)


def _text(request: Request, name: str, default: str, longest: int) -> str:
    """A query argument of limited length."""
    text = str(request.args.get(name) or default)
    if len(text) > longest:
        raise BadRequest(f"{name!r} must have at most {longest} characters")
    return text


def _filter(request: Request, name: str) -> str:
    """The id by which to filter a live tail; empty for no filter."""
    text: str = request.args.get(name) or ""
    if text and not is_id(text):
        raise BadRequest(f"{name!r} {ID_RULE}")
    return text
