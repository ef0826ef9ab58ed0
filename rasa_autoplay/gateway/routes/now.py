"""The studio's routes about the present: live sessions, findings, and what keeps the triggers silent."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import msgspec
from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.checks import Finding
from rasa_autoplay.common.http.responses import BadRequest, json_answer, read_json
from rasa_autoplay.common.identity.ids import ID_RULE, is_id
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.gateway.studio.health import Health
from rasa_autoplay.gateway.studio.health_checks import HEALTH_CHECKS
from rasa_autoplay.link.answers import SessionsFound
from rasa_autoplay.link.studio_requests import DescribeSessions, FindSilence, ListSessions

__all__ = ["add_now_routes"]

#: The states that need somebody's attention, the most urgent first, and how the studio shows them.
_SHOWN = ("error", "warning", "not_seen")
_LABELS = {"error": ("Problem", "red"), "warning": ("Hint", "blue"), "not_seen": ("Not seen yet", "grey")}
_MAX_SESSIONS, _MAX_DETAILS = 10_000, 100
#: 100 ids of 512 bytes.
_MAX_BODY = 100_000


def add_now_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes.

    Args:
        add: attaches a handler to a path.
        gateway: asks the engines.
    """
    routes = _NowRoutes(gateway)
    add(routes.sessions, "/sessions")
    add(routes.details, "/sessions/details", "POST")
    add(routes.findings, "/findings")
    add(routes.silence, "/silence")


class _NowRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def sessions(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        limit = _number(request, "limit", 100, 1, _MAX_SESSIONS)
        details = _number(request, "details", 50, 0, _MAX_DETAILS)
        found = await self._gateway.link.ask_every_engine(ListSessions(limit, details))
        total = sum(each.total for each in found)
        return json_answer({"at": _at(found), "total": total, "sessions": _newest(found)[:limit]})

    async def details(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        ids = (await read_json(request, _MAX_BODY)).get("session_ids")
        if not isinstance(ids, list) or len(ids) > _MAX_DETAILS:
            raise BadRequest(f"'session_ids' must be a list of at most {_MAX_DETAILS} ids")
        if not all(isinstance(each, str) and is_id(each) for each in ids):
            raise BadRequest(f"each of 'session_ids' {ID_RULE}")
        found = await self._gateway.link.ask_every_engine(DescribeSessions(ids))
        return json_answer({"at": _at(found), "sessions": _newest(found)})

    async def findings(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        health = await self._gateway.health.read()
        report = Health(health)
        found = [finding for check in HEALTH_CHECKS for finding in check.examine(report)]
        counts = Counter(finding.state for finding in found)
        # Sorting is stable.
        shown = sorted(
            (finding for finding in found if finding.state in _SHOWN),
            key=lambda finding: _SHOWN.index(finding.state),
        )
        findings = [_as_json(finding) for finding in shown]
        return json_answer({"at": time.time(), "findings": findings, "counts": counts, "health": health})

    async def silence(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        return json_answer((await self._gateway.link.ask(FindSilence())).silence)


def _newest(found: list[SessionsFound]) -> list[dict[str, Any]]:
    """The sessions of all engines, those active last first. A copy in another engine's memory is older."""
    sessions: list[dict[str, Any]] = [session for each in found for session in each.sessions]
    sessions.sort(key=lambda session: session["active_at"])
    by_id = {session["session_id"]: session for session in sessions}
    return sorted(by_id.values(), key=lambda session: session["active_at"], reverse=True)


def _as_json(finding: Finding) -> dict[str, Any]:
    """A finding, with the words and the colour in which the studio shows its state."""
    label, tone = _LABELS[finding.state]
    return {**msgspec.to_builtins(finding), "label": label, "tone": tone}


def _at(found: list[SessionsFound]) -> float:
    return max((each.at for each in found), default=0.0)


def _number(request: Request, name: str, default: int, least: int, most: int) -> int:
    text = str(request.args.get(name) or default)
    if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
        raise BadRequest(f"{name!r} must be a number from {least} to {most}")
    return int(text)
