"""The studio's routes about people: search, one person, export and deletion."""

from __future__ import annotations

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import BadRequest, id_in_path, json_answer, read_json, text_field
from rasa_autoplay.common.identity.ids import MAX_ID_BYTES
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes.add_route import AddRoute
from rasa_autoplay.link.studio_requests import DeleteUser, ExportUser, FindPeople, FindPerson

__all__ = ["add_people_routes"]

_MAX_PEOPLE = 200
_LONGEST_QUERY, _LONGEST_STATE, _LONGEST_NAME = 200, 20, 500
#: An export reads several tables, and a deletion waits for pending decisions.
_WAIT_S = 60.0


def add_people_routes(add: AddRoute, gateway: Gateway) -> None:
    """Add the routes.

    Args:
        add: attaches a handler to a path.
        gateway: asks the engine.
    """
    routes = _PeopleRoutes(gateway)
    add(routes.find, "/people")
    add(routes.person, "/users/<product_id:str>/<user_id:path>/person")
    add(routes.export, "/users/<product_id:str>/<user_id:path>/export")
    add(routes.delete, "/users/<product_id:str>/<user_id:path>/delete", "POST")


class _PeopleRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def find(self, request: Request) -> HTTPResponse:
        self._gateway.operators.check(request)
        asked = FindPeople(
            query=_argument(request, "q", _LONGEST_QUERY),
            state=_argument(request, "state", _LONGEST_STATE),
            path_id=_argument(request, "path", MAX_ID_BYTES),
            limit=_limit(request),
        )
        return json_answer((await self._gateway.link.ask(asked)).people)

    async def person(self, request: Request, product_id: str, user_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        asked = FindPerson(id_in_path(user_id, "user"), id_in_path(product_id, "product"))
        return json_answer((await self._gateway.link.ask(asked)).person)

    async def export(self, request: Request, product_id: str, user_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        by = _argument(request, "by", _LONGEST_NAME) or "an operator"
        asked = ExportUser(id_in_path(user_id, "user"), id_in_path(product_id, "product"), by)
        return json_answer((await self._gateway.link.ask(asked, _WAIT_S)).export)

    async def delete(self, request: Request, product_id: str, user_id: str) -> HTTPResponse:
        self._gateway.operators.check(request)
        by = text_field(await read_json(request), "by", max_length=_LONGEST_NAME)
        asked = DeleteUser(id_in_path(user_id, "user"), id_in_path(product_id, "product"), by)
        deleted = await self._gateway.link.ask(asked, _WAIT_S)
        await self._gateway.consent.deleted(asked.user_id)
        return json_answer(deleted)


def _argument(request: Request, name: str, longest: int) -> str:
    text = str(request.args.get(name) or "")
    if len(text) > longest:
        raise BadRequest(f"{name!r} must have at most {longest} characters")
    return text


def _limit(request: Request) -> int:
    text = str(request.args.get("limit") or "50")
    if not text.isdecimal() or not 1 <= int(text) <= _MAX_PEOPLE:
        raise BadRequest(f"'limit' must be a number from 1 to {_MAX_PEOPLE}")
    return int(text)
