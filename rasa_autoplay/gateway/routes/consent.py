"""The route by which a page says whether its user has given consent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.responses import (
    BadRequest,
    bearer_token,
    id_field,
    json_answer,
    read_json,
    text_field,
)
from rasa_autoplay.gateway.gateway import Gateway

__all__ = ["add_consent_routes"]

_MAX_VERSION = 64


def add_consent_routes(add: Callable[..., None], gateway: Gateway) -> None:
    """Add the route of ``copilot.consent()``.

    Args:
        add: attaches a handler to a path and a method.
        gateway: knows who has given consent.
    """
    add(_ConsentRoutes(gateway).tell, "/consent", "POST")


class _ConsentRoutes:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def tell(self, request: Request) -> HTTPResponse:
        """Give or withdraw consent. The answer to a withdrawal says what was deleted."""
        data = await read_json(request)
        is_given = data.get("consent")
        if not isinstance(is_given, bool):
            raise BadRequest("'consent' must be true or false")
        version = text_field(data, "version", required=False, max_length=_MAX_VERSION)
        caller = self._gateway.identity.caller(bearer_token(request), _user_in(data))
        self._gateway.rates.check_user(caller.user_id)
        consent = self._gateway.consent
        if is_given:
            return json_answer(await consent.give(caller.user_id, version))
        return json_answer(await consent.withdraw(caller.user_id))


def _user_in(data: dict[str, Any]) -> str:
    return id_field(data, "user_id")
