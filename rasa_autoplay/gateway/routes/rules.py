"""The studio's routes about rules: text and blocks, completion, back-test, diff and writing."""

from __future__ import annotations

from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import (
    BadRequest,
    id_field,
    id_in_path,
    json_answer,
    read_json,
    text_field,
)
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.link.rule_requests import (
    BacktestRule,
    DiffRule,
    EditRule,
    FindCapturedWords,
    FindRule,
    SweepRule,
    WriteRule,
)

__all__ = ["add_rule_routes"]

_LONGEST_TEXT, _LONGEST_NAME, _DEEPEST_PATH = 20_000, 200, 20
#: The first request starts the worker and reads the recording.
_WAIT_S = 25.0


def add_rule_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes.

    Args:
        add: attaches a handler to a path.
        gateway: asks the engine.
    """
    routes = _RuleRoutes(gateway)
    add(routes.vocabulary, "/rules/vocabulary")
    add(routes.template, "/rules")
    add(routes.rule, "/rules/trigger/<trigger_id:path>")
    add(routes.blocks, "/rules/blocks", "POST")
    add(routes.backtest, "/rules/backtest", "POST")
    add(routes.sweep, "/rules/sweep", "POST")
    add(routes.diff, "/rules/diff", "POST")
    add(routes.write, "/rules/write", "POST")


class _RuleRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def vocabulary(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        return await self._ask(FindCapturedWords())

    async def template(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        return await self._ask(FindRule())

    async def rule(self, request: Request, trigger_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        return await self._ask(FindRule(id_in_path(trigger_id, "trigger")))

    async def blocks(self, request: Request) -> HTTPResponse:
        data = await self._body(request)
        edit = data.get("edit") or {}
        if not isinstance(edit, dict):
            raise BadRequest("'edit' must be an object")
        return await self._ask(EditRule(*_rule_in(data), edit))

    async def backtest(self, request: Request) -> HTTPResponse:
        data = await self._body(request)
        user_id, session_id = (id_field(data, name, required=False) for name in ("user_id", "session_id"))
        return await self._ask(BacktestRule(*_rule_in(data), user_id, session_id))

    async def sweep(self, request: Request) -> HTTPResponse:
        data = await self._body(request)
        return await self._ask(SweepRule(*_rule_in(data), _path_in(data)))

    async def diff(self, request: Request) -> HTTPResponse:
        return await self._ask(DiffRule(*_rule_in(await self._body(request))))

    async def write(self, request: Request) -> HTTPResponse:
        data = await self._body(request)
        by = text_field(data, "by", max_length=_LONGEST_NAME)
        why = text_field(data, "why", required=False, max_length=_LONGEST_NAME)
        if not data.get("base"):
            raise BadRequest("'base' is missing", remedy="Read the rule first; its answer has the base.")
        return await self._ask(WriteRule(*_rule_in(data), by, why))

    async def _body(self, request: Request) -> dict[str, Any]:
        self._gateway.operators.check(request)
        return await read_json(request)

    async def _ask(self, request: EngineRequest[Any]) -> HTTPResponse:
        return json_answer((await self._gateway.link.ask(request, _WAIT_S)).answer)


def _rule_in(data: dict[str, Any]) -> tuple[str, str, str]:
    """The trigger's id, its text, and the digest of the file that the page has read."""
    return (
        text_field(data, "trigger_id", required=False, max_length=_LONGEST_NAME),
        text_field(data, "text", max_length=_LONGEST_TEXT),
        text_field(data, "base", required=False, max_length=_LONGEST_NAME),
    )


def _path_in(data: dict[str, Any]) -> list[str | int]:
    path = data.get("path")
    is_path = isinstance(path, list) and all(isinstance(step, (str, int)) for step in path)
    if not is_path or not 0 < len(path or []) <= _DEEPEST_PATH:
        raise BadRequest("'path' must be a list of keys and numbers")
    return list(path or [])
