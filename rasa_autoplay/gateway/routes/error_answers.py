"""Turns the exceptions of route handlers into the errors of the wire contract."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from sanic import Request
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse

from rasa_autoplay.common.http.request_body import answer_unread, has_unread_body
from rasa_autoplay.common.http.responses import BadRequest, address_of, bearer_token, error, read_body
from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable, IdentityRefused, RefusalKind
from rasa_autoplay.gateway.access.route_policy import RoutePolicy
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.sources.base import NotSafe, QueueFullError
from rasa_autoplay.link.base import EngineRefused

__all__ = ["Handler", "answered"]

logger = logging.getLogger(__name__)

#: When to send a request again that could not be answered now, in seconds.
_RETRY_AFTER_S: dict[RefusalKind, int] = {"unavailable": 5, "conflict": 1}

#: The HTTP status of each kind of refusal.
_STATUS_OF_REFUSAL: dict[RefusalKind, int] = {
    "invalid": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "unprocessable": 422,
    "too_many": 429,
    "failed": 502,
    "unavailable": 503,
}

Handler = Callable[..., Awaitable["HTTPResponse | None"]]


def answered(handler: Handler, gateway: Gateway, policy: RoutePolicy) -> Handler:
    """Turn a handler's exceptions into the errors of the wire contract."""

    @functools.wraps(handler)
    async def answer(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse | None:
        try:
            if policy.limits_addresses:
                token = bearer_token(request)
                gateway.rates.check_address(address_of(request), lambda: gateway.identity.is_verified(token))
            if request.method == "GET" and has_unread_body(request):
                await read_body(request, 0)
            return await handler(request, *args, **kwargs)
        except Exception as problem:
            if request.responded:
                raise  # a stream has begun, so no error can be sent
            response = _answer_to(problem, policy)
        if has_unread_body(request):
            await answer_unread(request, response)
            return None
        return response

    return answer


def _answer_to(problem: Exception, policy: RoutePolicy) -> HTTPResponse:
    if isinstance(problem, BadRequest):
        status, retry_after_s = policy.refusal(problem)
        return error(status, problem.message, problem.remedy, retry_after_s=retry_after_s)
    if isinstance(problem, (EngineRefused, IdentityRefused)):
        status = _STATUS_OF_REFUSAL[problem.kind]
        wait_s = _RETRY_AFTER_S.get(problem.kind)
        return error(status, problem.message, problem.remedy, retry_after_s=wait_s)
    if isinstance(problem, (EngineUnreachable, ChatUndelivered)):
        return error(502, problem.message, problem.remedy)
    if isinstance(problem, QueueFullError):
        return error(503, "the queue to the engine is full", "Send it again later.", retry_after_s=5)
    if isinstance(problem, NotSafe):
        return error(503, "the engine has not received the events yet", "Send them again.", retry_after_s=5)
    if isinstance(problem, SanicException):
        return error(problem.status_code or 500, str(problem))
    logger.error("A route of the autoplay channel failed.", exc_info=problem)
    return error(500, "the autoplay channel failed", "See the log of the Rasa server.")
