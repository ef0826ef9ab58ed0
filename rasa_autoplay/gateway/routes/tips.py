"""The routes of "My tips": the offers that a user finds again, and what the user has muted."""

from __future__ import annotations

from typing import Any, Protocol

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import (
    BadRequest,
    bearer_token,
    id_field,
    id_in_query,
    json_answer,
    read_json,
    text_field,
)
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.error_answers import Handler
from rasa_autoplay.link.tip_answers import TIP_CHANGES
from rasa_autoplay.link.tip_requests import ChangeTips, FindTips, RestartTour

__all__ = ["add_tip_routes"]

#: The longest page address that is looked at.
_MAX_URL = 2_000
_MAX_TIME, _MAX_ZONE = 5, 64


class _AddRoute(Protocol):
    def __call__(self, handler: Handler, path: str, method: str = "GET") -> None: ...


def add_tip_routes(add: _AddRoute, gateway: Gateway) -> None:
    """Add the routes.

    Args:
        add: attaches a handler to a path.
        gateway: checks who asks, and asks the engine.
    """
    routes = _TipRoutes(gateway)
    add(routes.find, "/tips")
    add(routes.change, "/tips", "POST")
    add(routes.restart_tour, "/tips/tour", "POST")


class _TipRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def find(self, request: Request) -> HTTPResponse:
        """Answer with the user's tips."""
        user_id = self._caller(request, id_in_query(request, "user_id", "user"))
        url = str(request.args.get("url") or "")[:_MAX_URL]
        return json_answer(await self._gateway.link.ask(FindTips(user_id, url)))

    async def change(self, request: Request) -> HTTPResponse:
        """Change what the user has chosen, if the body has a ``change``, and answer with their tips."""
        data = await read_json(request)
        user_id = self._caller(request, id_field(data, "user_id"))
        change = id_field(data, "change", required=False)
        url = text_field(data, "url", required=False, max_length=10_000)[:_MAX_URL]
        if not change:
            return json_answer(await self._gateway.link.ask(FindTips(user_id, url)))
        if change not in TIP_CHANGES:
            raise BadRequest(f"'change' must be one of {', '.join(TIP_CHANGES)}")
        asked = ChangeTips(
            user_id,
            change,
            id_field(data, "topic", required=False),
            _seconds(data),
            text_field(data, "from", required=False, max_length=_MAX_TIME),
            text_field(data, "to", required=False, max_length=_MAX_TIME),
            text_field(data, "zone", required=False, max_length=_MAX_ZONE),
            url,
        )
        return json_answer(await self._gateway.link.ask(asked))

    async def restart_tour(self, request: Request) -> HTTPResponse:
        """Record that the user asks for a tour again; ``/tour/start`` accepts the answer's offer."""
        data = await read_json(request)
        user_id = self._caller(request, id_field(data, "user_id"))
        return json_answer(await self._gateway.link.ask(RestartTour(user_id, id_field(data, "tour_id"))))

    def _caller(self, request: Request, user_id: str) -> str:
        caller = self._gateway.identity.caller(bearer_token(request), user_id)
        self._gateway.rates.check_user(caller.user_id)
        return caller.user_id


def _seconds(data: dict[str, Any]) -> float:
    value = data.get("for_s", 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        raise BadRequest("'for_s' must be a number of seconds")
    return float(value)
