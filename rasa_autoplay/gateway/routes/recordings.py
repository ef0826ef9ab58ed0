"""The routes that show recorded sessions: which there are, their timelines, and how near triggers were."""

from __future__ import annotations

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import BadRequest, id_in_path, json_answer
from rasa_autoplay.common.identity.ids import ID_RULE, is_id
from rasa_autoplay.events.wire_values import parse_timestamp
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.link.studio_requests import FindNearness, FindRecordings, FindTimeline

__all__ = ["REPLAY_WAIT_S", "add_recording_routes", "id_argument", "moment_argument"]

#: A replay of a long session takes seconds, and another one may be before it.
REPLAY_WAIT_S = 30.0
_COLUMNS, _MAX_COLUMNS = 120, 400


def add_recording_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes.

    Args:
        add: attaches a handler to a path.
        gateway: asks the engine.
    """
    routes = _RecordingRoutes(gateway)
    add(routes.recordings, "/recordings/<product_id:str>/<user_id:path>")
    add(routes.nearness, "/nearness/<product_id:str>/<user_id:path>")


class _RecordingRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def recordings(self, request: Request, product_id: str, user_id: str) -> HTTPResponse:
        """Answer with the user's sessions, or with the timeline of ``session``."""
        self._gateway.operators.check(request)
        user_id, product_id = id_in_path(user_id, "user"), id_in_path(product_id, "product")
        session_id = id_argument(request, "session")
        if session_id:
            asked = FindTimeline(user_id, product_id, session_id)
            return json_answer((await self._gateway.link.ask(asked, REPLAY_WAIT_S)).timeline)
        return json_answer((await self._gateway.link.ask(FindRecordings(user_id, product_id))).recordings)

    async def nearness(self, request: Request, product_id: str, user_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        session_id = id_argument(request, "session")
        if not session_id:
            raise BadRequest("'session' must name the recorded session")
        asked = FindNearness(
            user_id=id_in_path(user_id, "user"),
            product_id=id_in_path(product_id, "product"),
            session_id=session_id,
            columns=_columns(request),
        )
        return json_answer((await self._gateway.link.ask(asked, REPLAY_WAIT_S)).nearness)


def id_argument(request: Request, name: str) -> str:
    """Return an id in the query; empty if it is missing.

    Raises:
        BadRequest: it is not an id.
    """
    text = str(request.args.get(name) or "")
    if text and not is_id(text):
        raise BadRequest(f"{name!r} {ID_RULE}")
    return text


def moment_argument(request: Request, name: str) -> float:
    """Return a time in the query, in epoch seconds; 0 if it is missing.

    Raises:
        BadRequest: it is neither epoch seconds nor an ISO-8601 time.
    """
    text = str(request.args.get(name) or "")
    if not text:
        return 0.0
    # In a query, a plus means a space: that of a time zone was one.
    at = parse_timestamp(text.replace(" ", "+") if "T" in text else text)
    if not at:
        raise BadRequest(f"{name!r} must be epoch seconds or a time such as 2026-11-29T14:05:00Z")
    return at


def _columns(request: Request) -> int:
    text = str(request.args.get("columns") or _COLUMNS)
    if not text.isdecimal() or not 1 <= int(text) <= _MAX_COLUMNS:
        raise BadRequest(f"'columns' must be a number from 1 to {_MAX_COLUMNS}")
    return int(text)
