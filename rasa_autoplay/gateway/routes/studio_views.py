"""The operators' routes about triggers and golden paths."""

from __future__ import annotations

from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import id_field, id_in_path, json_answer, read_json, text_field
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.gateway.studio.element_health import with_element_health
from rasa_autoplay.link.requests import GetHealth
from rasa_autoplay.link.studio_requests import (
    ChangePause,
    ConfirmStep,
    FindGoldenPath,
    FindGoldenPaths,
    FindTrigger,
    FindTriggers,
)

__all__ = ["add_view_routes"]

_LONGEST_TEXT = 500


def add_view_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes about triggers and golden paths.

    Args:
        add: attaches a handler to a path.
        gateway: asks the engine.
    """
    routes = _ViewRoutes(gateway)
    add(routes.triggers, "/triggers")
    add(routes.trigger, "/triggers/<trigger_id:path>")
    add(routes.pauses, "/pauses", "POST")
    add(routes.golden_paths, "/golden-paths")
    add(routes.confirm_step, "/golden-paths/confirm", "POST")
    add(routes.golden_path, "/golden-paths/<path_id:path>")


class _ViewRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def triggers(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        return json_answer((await self._gateway.link.ask(FindTriggers())).triggers)

    async def trigger(self, request: Request, trigger_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        asked = FindTrigger(id_in_path(trigger_id, "trigger"))
        return json_answer((await self._gateway.link.ask(asked)).trigger)

    async def pauses(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        data = await read_json(request)
        asked = ChangePause(
            action=text_field(data, "action"),
            trigger_id=id_field(data, "trigger_id", required=False),
            who=text_field(data, "by", max_length=_LONGEST_TEXT),
            why=text_field(data, "why", required=False, max_length=_LONGEST_TEXT),
        )
        return json_answer(await self._gateway.link.ask(asked))

    async def confirm_step(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        data = await read_json(request)
        asked = ConfirmStep(
            path_id=id_field(data, "path_id"),
            step_id=id_field(data, "step_id"),
            who=text_field(data, "by", max_length=_LONGEST_TEXT),
            why=text_field(data, "why", required=False, max_length=_LONGEST_TEXT),
        )
        return json_answer(await self._gateway.link.ask(asked))

    async def golden_paths(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        found = (await self._gateway.link.ask(FindGoldenPaths())).golden_paths
        health = (await self._gateway.link.ask(GetHealth())).health
        paths: Any = found["paths"]
        return json_answer({**found, "paths": [with_element_health(path, health) for path in paths]})

    async def golden_path(self, request: Request, path_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        asked = FindGoldenPath(id_in_path(path_id, "golden path"))
        found = (await self._gateway.link.ask(asked)).golden_path
        health = (await self._gateway.link.ask(GetHealth())).health
        return json_answer(with_element_health(found, health))
