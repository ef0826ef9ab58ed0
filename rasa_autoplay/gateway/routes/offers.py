"""The route by which the team's own servers make offers."""

from __future__ import annotations

from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import BadRequest, error, json_answer, read_json
from rasa_autoplay.common.identity.canonical_ids import InvalidId, canonical_id
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.gateway.access.route_policy import SERVERS
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.link.offer_requests import MakeOffer
from rasa_autoplay.settings.durations import parse_wait_s
from rasa_autoplay.settings.yaml_file import nearest_name

__all__ = ["add_offer_routes"]

_MAX_BYTES = 16_384
#: The language model may judge the offer, and the database may be slow.
_WAIT_S = 15.0
_RETRY_AFTER_S = 2
_FIELDS = ("trigger", "user_id", "session_id", "body", "golden_path", "expires_after")
_IDS = ("user_id", "session_id")
_EXAMPLE = (
    'Send {"trigger": "…", "user_id": "…"}, and optionally session_id, body, golden_path and expires_after.'
)


def add_offer_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the route that needs the server key.

    Args:
        add: attaches a handler to a path.
        gateway: asks the engine.
    """
    add(_OfferRoutes(gateway).make, "/offers", "POST", policy=SERVERS)


class _OfferRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def make(self, request: Request) -> HTTPResponse:
        """Answer 201 with the offer's id, or 200 with the gate that stopped the offer."""
        self._gateway.server_key.check(request)
        key = _key_of(request)
        asked = _request_of(await read_json(request, _MAX_BYTES), key)
        try:
            answer = await self._gateway.link.ask(asked, _WAIT_S)
        except EngineUnreachable as problem:
            # With the same key, it cannot be made twice.
            remedy = f"{problem.remedy} Send the request again with the same Idempotency-Key.".strip()
            return error(503, problem.message, remedy, retry_after_s=_RETRY_AFTER_S)
        return json_answer(answer, 201 if answer.is_made else 200)


def _key_of(request: Request) -> str:
    """The header ``Idempotency-Key``; a structured header puts it into quotes."""
    key = str(request.headers.get("idempotency-key") or "").strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key:
        raise BadRequest(
            "the header Idempotency-Key is missing",
            remedy="Send a new key, such as a UUID, for each offer, and the same key when you send it again.",
        )
    return key


def _request_of(data: dict[str, Any], key: str) -> MakeOffer:
    for name in data:
        if name not in _FIELDS:
            hint = nearest_name(name, _FIELDS) or "."
            raise BadRequest(f"there is no field {name[:64]!r}{hint}", remedy=_EXAMPLE, status=422)
    texts = {name: _text(data, name) for name in _FIELDS if name not in ("expires_after", *_IDS)}
    texts |= {name: _id(data, name) for name in _IDS}
    for name in ("trigger", "user_id"):
        if not texts[name]:
            raise BadRequest(f"{name}: it is missing", remedy=_EXAMPLE, status=422)
    return MakeOffer(**texts, expires_after_s=_wait_of(data.get("expires_after")), key=key)


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(f"{name}: must be a text", remedy=_EXAMPLE, status=422)
    return value


def _id(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None or value == "":
        return ""
    try:
        return canonical_id(value, name)
    except InvalidId as problem:
        raise BadRequest(problem.message, remedy=_EXAMPLE, status=422) from None


def _wait_of(value: object) -> float:
    if value is None:
        return 0.0
    try:
        return parse_wait_s(value)
    except ValueError as problem:
        raise BadRequest(
            f"expires_after: {problem}"[:300], remedy='Send seconds, or a text such as "2m".', status=422
        ) from None
