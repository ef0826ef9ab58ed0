"""The routes of operators: what they see of users is for holders of the admin key only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.door import Door
from rasa_autoplay.events.sse import encode_event
from rasa_autoplay.http import BadRequest, id_in_path, json_answer, query_argument
from rasa_autoplay.ids import ID_RULE, is_id
from rasa_autoplay.settings.secret import Secret

__all__ = ["add_operator_routes"]

_MAX_RESULTS = 50
_MAX_OFFERS = 200
_AddRoute = Callable[[Callable[..., Awaitable["HTTPResponse | None"]], str], None]


def add_operator_routes(add: _AddRoute, door: Door) -> None:
    """``explain``, ``offers``, ``users/…/memory``, ``users/…/offers``, ``knowledge-base`` and ``tail``.

    Args:
        add: attaches a handler to a path.
        door: asks the engine.
    """

    async def explain(request: Request, user_id: str) -> HTTPResponse:
        _check_key(request, door.settings.admin_key)
        answer: dict[str, Any] = await door.link.call("explain", {"user_id": id_in_path(user_id, "user")})
        return json_answer(answer)

    async def memory(request: Request, product_id: str, user_id: str) -> HTTPResponse:
        _check_key(request, door.settings.admin_key)
        asked = {"product_id": id_in_path(product_id, "product"), "user_id": id_in_path(user_id, "user")}
        answer: dict[str, Any] = await door.link.call("user_memory", asked)
        return json_answer(answer)

    async def offer(request: Request, offer_id: str) -> HTTPResponse:
        _check_key(request, door.settings.admin_key)
        answer: dict[str, Any] = await door.link.call(
            "offer_life", {"offer_id": id_in_path(offer_id, "offer")}
        )
        return json_answer(answer)

    async def offers(request: Request, product_id: str, user_id: str) -> HTTPResponse:
        _check_key(request, door.settings.admin_key)
        asked = {
            "product_id": id_in_path(product_id, "product"),
            "user_id": id_in_path(user_id, "user"),
            "limit": _count(request, "limit", 20, _MAX_OFFERS),
        }
        answer: dict[str, Any] = await door.link.call("offers_of_user", asked)
        return json_answer(answer)

    async def knowledge_base(request: Request, product_id: str) -> HTTPResponse:
        _check_key(request, door.settings.admin_key)
        arguments = {
            "product_id": id_in_path(product_id, "product"),
            "query": query_argument(request),
            "top_k": _count(request, "top_k", 3, _MAX_RESULTS),
        }
        return json_answer(await door.link.call("query_knowledge_base", arguments))

    async def tail(request: Request) -> HTTPResponse | None:
        _check_key(request, door.settings.admin_key)
        user_id, session_id = (_filter(request, name) for name in ("user_id", "session_id"))
        # What the first question raises is an answer still: the stream has not begun.
        watch = await door.tails.begin(door.link, user_id, session_id)
        response = await request.respond(
            content_type="text/event-stream; charset=utf-8", headers={"Cache-Control": "no-cache"}
        )
        await response.send(b": watching\n\n")
        async for moments in watch:
            events = b"".join(encode_event(msgspec.json.encode(moment)) for moment in moments)
            await response.send(events or b": heartbeat\n\n")
        await response.eof()
        return None

    add(explain, "/explain/<user_id:str>")
    add(offer, "/offers/<offer_id:str>")
    add(offers, "/users/<product_id:str>/<user_id:str>/offers")
    add(tail, "/tail")
    add(memory, "/users/<product_id:str>/<user_id:str>/memory")
    add(knowledge_base, "/knowledge-base/<product_id:str>")


def _count(request: Request, name: str, otherwise: int, most: int) -> int:
    """How many are wanted, by a query argument."""
    text = str(request.args.get(name) or "")
    if not text:
        return otherwise
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise BadRequest(f"{name!r} must be a number from 1 to {most}")
    return int(text)


def _filter(request: Request, name: str) -> str:
    """Whom or what to watch; empty for all."""
    text: str = request.args.get(name) or ""
    if text and not is_id(text):
        raise BadRequest(f"{name!r} {ID_RULE}")
    return text


def _check_key(request: Request, key: Secret) -> None:
    if not key:
        raise BadRequest(
            "the operators' routes are closed",
            remedy="Set admin_key under rasa_autoplay.channel.AutoplayInput in credentials.yml.",
            status=404,
        )
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.matches(presented.strip()):
        raise BadRequest(
            "the admin key is missing or wrong",
            remedy='Send "Authorization: Bearer …" with the admin_key of credentials.yml.',
            status=401,
        )
