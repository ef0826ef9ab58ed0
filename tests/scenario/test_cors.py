"""The channel handles CORS itself, whether the Rasa server runs with ``--cors`` or without."""

from __future__ import annotations

from support.pair import Pair
from support.raw_http import RawAnswer, ask_raw

#: As in the repository's credentials.yml.
ALLOWED = "http://localhost:5005"
STRANGERS = ["https://evil.example", "null", "http://localhost:5005.evil.example"]
BASE = "/webhooks/autoplay"
#: What a chat widget requests before it has a websocket.
POLLING = "/socket.io/?EIO=4&transport=polling"

REQUESTS = [
    ("GET", f"{BASE}/"),
    ("GET", f"{BASE}/no-such-route"),
    ("GET", f"{BASE}/proactive/stream/cors-user"),
    ("POST", f"{BASE}/proactive/ack"),
    ("POST", f"{BASE}/proactive/inject"),
    ("POST", f"{BASE}/tour/start"),
    ("POST", f"{BASE}/capture/e/"),
    ("GET", f"{BASE}/capture/array/phc_x/config"),
    ("OPTIONS", f"{BASE}/proactive/inject"),
    ("OPTIONS", f"{BASE}/capture/e/"),
    ("GET", POLLING),
    ("OPTIONS", POLLING),
]


async def answer_to(pair: Pair, method: str, path: str, origin: str | None) -> RawAnswer:
    """Return the response's head with every header line."""
    headers = {"Origin": origin} if origin else {}
    if method == "OPTIONS":
        headers |= {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-own",
        }
    answer = await ask_raw(pair.origin, method, path, headers, b"{}" if method == "POST" else b"")
    assert answer.status < 500
    return answer


async def test_an_allowed_origin_can_read(either_pair: Pair) -> None:
    for method, path in REQUESTS:
        answer = await answer_to(either_pair, method, path, ALLOWED)
        assert answer.all("access-control-allow-origin") == [ALLOWED], (method, path)
        assert answer.all("access-control-allow-credentials") == ["true"]
        (vary,) = answer.all("vary")
        assert "Origin" in vary.split(", ")
        if method == "OPTIONS":
            assert "POST" in answer.all("access-control-allow-methods")[0]
            assert answer.all("access-control-allow-headers") == ["content-type,x-own"]


async def test_no_other_origin_can_read(either_pair: Pair) -> None:
    for method, path in REQUESTS:
        for origin in [*STRANGERS, None]:
            answer = await answer_to(either_pair, method, path, origin)
            assert answer.starting("access-control-") == [], (method, path, origin)


async def test_rasas_own_routes_follow_the_cors_flag(pair: Pair, cors_pair: Pair) -> None:
    for flagged, allowed in ((pair, []), (cors_pair, [ALLOWED])):
        answer = await ask_raw(flagged.origin, "GET", "/", {"Origin": ALLOWED})
        assert answer.all("access-control-allow-origin") == allowed
