"""The operators' routes about outcomes: what waits, what failed, and sending it again."""

from __future__ import annotations

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import BadRequest, json_answer, read_json
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.link.outcome_requests import FindOutcomes, SendOutcomesAgain

__all__ = ["add_outcome_routes"]

_LISTED, _MOST_LISTED = 50, 200
_MOST_IDS, _LONGEST_ID = 500, 64
_LONGEST_S = 366 * 86_400.0
_MAX_BODY = 64_000
#: Many outcomes may be changed.
_WAIT_S = 15.0


def add_outcome_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes.

    Args:
        add: attaches a handler to a path.
        gateway: asks the engine.
    """
    routes = _OutcomeRoutes(gateway)
    add(routes.find, "/outcomes")
    add(routes.resend, "/outcomes/resend", "POST")


class _OutcomeRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def find(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        text = str(request.args.get("limit") or _LISTED)
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= _MOST_LISTED:
            raise BadRequest(f"'limit' must be a number from 1 to {_MOST_LISTED}")
        return json_answer((await self._gateway.link.ask(FindOutcomes(int(text)))).outcomes)

    async def resend(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        body = await read_json(request, _MAX_BODY)
        ids, since_s = body.get("ids") or [], body.get("since_s") or 0.0
        if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
            raise BadRequest("'ids' must be a list of texts")
        if len(ids) > _MOST_IDS or any(len(each) > _LONGEST_ID for each in ids):
            raise BadRequest(f"'ids' must be at most {_MOST_IDS} ids of outcomes")
        if type(since_s) not in (int, float) or not 0 <= since_s <= _LONGEST_S:
            raise BadRequest(f"'since_s' must be a number of seconds up to {_LONGEST_S:g}")
        if not ids and not since_s:
            raise BadRequest("the body must have 'ids' or 'since_s'")
        answer = await self._gateway.link.ask(SendOutcomesAgain(ids, float(since_s)), _WAIT_S)
        return json_answer(answer)
