"""CORS is the channel's own: the Rasa server runs without ``--cors`` here."""

from __future__ import annotations

import aiohttp
import pytest
from support.pair import Pair

#: As in the repository's credentials.yml.
ALLOWED = "http://localhost:5005"
STRANGER = "https://evil.example"

REQUESTS = [
    ("GET", "/"),
    ("GET", "/proactive/stream/cors-user"),
    ("POST", "/proactive/ack"),
    ("POST", "/proactive/inject"),
    ("POST", "/tour/start"),
    ("POST", "/tour/step"),
    ("POST", "/capture/e/"),
    ("GET", "/capture/array/phc_x/config"),
    ("OPTIONS", "/proactive/inject"),
    ("OPTIONS", "/tour/start"),
    ("OPTIONS", "/capture/e/"),
]


async def headers_of(pair: Pair, method: str, path: str, origin: str | None) -> aiohttp.typedefs.LooseHeaders:
    """The answer's headers; of a stream as soon as it begins."""
    headers = {"Origin": origin} if origin else {}
    if method == "OPTIONS":
        headers |= {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-own",
        }
    data = b"{}" if method == "POST" else None
    async with pair.http.request(method, f"{pair.base}{path}", headers=headers, data=data) as response:
        assert response.status < 500
        return response.headers


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_an_allowed_origin_may_read(pair: Pair, method: str, path: str) -> None:
    headers = dict(await headers_of(pair, method, path, ALLOWED))
    assert headers["Access-Control-Allow-Origin"] == ALLOWED
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in headers["Vary"]
    if method == "OPTIONS":
        assert "POST" in headers["Access-Control-Allow-Methods"]
        assert "x-own" in headers["Access-Control-Allow-Headers"].lower()


@pytest.mark.parametrize(("method", "path"), REQUESTS)
@pytest.mark.parametrize("origin", [STRANGER, "null", "http://localhost:5005.evil.example", None])
async def test_no_other_origin_may(pair: Pair, method: str, path: str, origin: str | None) -> None:
    headers = dict(await headers_of(pair, method, path, origin))
    assert not [name for name in headers if name.startswith("Access-Control-Allow-Origin")]


async def test_rasas_own_routes_are_left_alone(pair: Pair) -> None:
    async with pair.http.get(f"{pair.origin}/", headers={"Origin": ALLOWED}) as response:
        assert "Access-Control-Allow-Origin" not in response.headers


#: What a chat widget asks before it has a websocket.
POLLING = "/socket.io/?EIO=4&transport=polling"


async def test_the_chat_is_for_the_same_origins(pair: Pair) -> None:
    async with pair.http.get(pair.origin + POLLING, headers={"Origin": ALLOWED}) as response:
        assert response.status == 200
        assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
    for stranger in ({"Origin": STRANGER}, {}):
        async with pair.http.get(pair.origin + POLLING, headers=stranger) as response:
            assert "Access-Control-Allow-Origin" not in response.headers
