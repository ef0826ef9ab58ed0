"""The studio's routes about drafts of golden paths."""

from __future__ import annotations

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import id_field, id_in_path, json_answer, read_json, text_field
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.link.path_draft_requests import DeleteDraft, FindDraft, FindDrafts, WriteDraft

__all__ = ["add_path_draft_routes"]

_LONGEST_TEXT = 500
#: The engine reads all golden paths.
_WAIT_S = 10.0


def add_path_draft_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes.

    Args:
        add: attaches a handler to a path.
        gateway: asks the engine.
    """
    routes = _PathDraftRoutes(gateway)
    add(routes.list, "/path-drafts")
    add(routes.find, "/path-drafts/<draft_id:path>")
    add(routes.write, "/path-drafts/write", "POST")
    add(routes.delete, "/path-drafts/delete", "POST")


class _PathDraftRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def list(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        return json_answer((await self._gateway.link.ask(FindDrafts(), _WAIT_S)).drafts)

    async def find(self, request: Request, draft_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        asked = FindDraft(id_in_path(draft_id, "draft"))
        return json_answer((await self._gateway.link.ask(asked, _WAIT_S)).draft)

    async def write(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        data = await read_json(request)
        asked = WriteDraft(
            draft_id=id_field(data, "draft_id"),
            base=text_field(data, "base", required=False),
            by=text_field(data, "by", max_length=_LONGEST_TEXT),
            why=text_field(data, "why", required=False, max_length=_LONGEST_TEXT),
        )
        return json_answer((await self._gateway.link.ask(asked, _WAIT_S)).written)

    async def delete(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        asked = DeleteDraft(id_field(await read_json(request), "draft_id"))
        return json_answer(await self._gateway.link.ask(asked, _WAIT_S))
