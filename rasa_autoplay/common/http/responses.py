"""HTTP helpers that the routes share: JSON responses, errors, ids."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import unquote

import msgspec
from sanic import Request
from sanic.response import HTTPResponse, raw

from rasa_autoplay.common.http.request_body import BadRequest, bodies_of
from rasa_autoplay.common.identity.canonical_ids import InvalidId, canonical_id
from rasa_autoplay.common.identity.ids import ID_RULE, is_id

__all__ = [
    "BadRequest",
    "address_of",
    "bearer_token",
    "error",
    "id_field",
    "id_in_path",
    "id_in_query",
    "json_answer",
    "query_argument",
    "read_body",
    "read_json",
    "text_field",
]

_MAX_QUERY = 2000
_encoder = msgspec.json.Encoder()


def address_of(request: Request) -> str:
    """The client's IP address, behind proxies as Sanic resolves it."""
    return str(request.remote_addr or request.ip or "")


def bearer_token(request: Request) -> str:
    """The user's token: ``Authorization: Bearer …``, or ``?token=`` if a browser cannot set headers."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return str(token.strip())
    return str(request.args.get("token", ""))


def json_answer(body: Any, status: int = 200) -> HTTPResponse:
    """A JSON response."""
    return raw(_encoder.encode(body), status=status, content_type="application/json")


def error(status: int, message: str, remedy: str = "", *, retry_after_s: float | None = None) -> HTTPResponse:
    """An error response: ``{"error": …, "remedy"?: …}``."""
    answer = json_answer({"error": message, **({"remedy": remedy} if remedy else {})}, status)
    if retry_after_s is not None:
        answer.headers["Retry-After"] = str(math.ceil(retry_after_s))
    return answer


def query_argument(request: Request) -> str:
    """The query parameter ``query``: the user's question.

    Raises:
        BadRequest: it is missing or too long.
    """
    query = str(request.args.get("query") or "").strip()
    if not query:
        raise BadRequest("'query' is missing", remedy="Add ?query=… with the user's question.")
    if len(query) > _MAX_QUERY:
        raise BadRequest(f"'query' is longer than {_MAX_QUERY} characters")
    return query


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Read the body of a streamed request.

    Raises:
        BadRequest: 413 if it is too large, 408 if it is too slow, 400 if it is malformed.
    """
    return await bodies_of(request.app).read(request, max_bytes)


async def read_json(request: Request, max_bytes: int = 65_536) -> dict[str, Any]:
    """Read the body as a JSON object.

    Raises:
        BadRequest: it is too large, too slow, or not a JSON object.
    """
    body = await read_body(request, max_bytes)
    try:
        data = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(data, dict):
        raise BadRequest("the body must be a JSON object")
    return data


def id_in_path(part: str, whose: str) -> str:
    """Read an id from a URL's path.

    Args:
        part: the part of the path, percent-encoded.
        whose: names the id in the error, such as ``user``.

    Raises:
        BadRequest: it is not a valid id.
    """
    text = unquote(part).strip()
    if not is_id(text):
        raise BadRequest(f"the {whose} id {ID_RULE}")
    return text


def id_in_query(request: Request, name: str, whose: str) -> str:
    """Read an id from a URL's query, which proxies do not normalise as they do paths.

    Args:
        request: with ``?name=…``.
        name: of the argument.
        whose: names the id in the error, such as ``user``.

    Raises:
        BadRequest: it is missing or not a valid id.
    """
    text = str(request.args.get(name) or "").strip()
    if not is_id(text):
        raise BadRequest(f"the {whose} id {ID_RULE}")
    return text


def id_field(data: dict[str, Any], name: str, *, required: bool = True) -> str:
    """Read an id from a JSON body; empty if it is optional and absent.

    Raises:
        BadRequest: it is missing or not a valid id.
    """
    value = data.get(name)
    if value is None or value == "":
        return text_field(data, name, required=required)
    try:
        return canonical_id(value, repr(name))
    except InvalidId as problem:
        raise BadRequest(problem.message) from None


def text_field(data: dict[str, Any], name: str, *, required: bool = True, max_length: int = 512) -> str:
    """Read a string from a JSON body.

    Raises:
        BadRequest: it is missing, not a string, or too long.
    """
    value = data.get(name)
    if value is None or value == "":
        if required:
            raise BadRequest(f"{name!r} is missing")
        return ""
    if not isinstance(value, str):
        raise BadRequest(f"{name!r} must be a string")
    if len(value) > max_length:
        raise BadRequest(f"{name!r} is longer than {max_length} characters")
    return value
