"""With any ``rasa run --cors``: one set of headers for allowed origins, and none for others.

Headers are counted on the wire, because a client's mapping would hide duplicates.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.deployment import BASE, Deployment, deployed, signed
from support.raw_http import RawAnswer, ask_raw
from support.run import asynchronous

ALLOWED = "https://app.example.com"
STRANGER = "https://evil.example"
#: Usual values: none, any origin, the app's origin, another origin.
FLAGS = [None, "*", ALLOWED, STRANGER]
CHAT = "/socket.io/?EIO=4&transport=polling"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-own"}
#: Method, target, body, and the possible statuses for a signed-in user of an allowed site.
REQUESTS: list[tuple[str, str, bytes, tuple[int, ...]]] = [
    ("GET", f"{BASE}/", b"", (200,)),
    ("GET", BASE, b"", (200,)),
    ("GET", f"/{BASE}/", b"", (200, 404)),
    ("GET", f"{BASE}/proactive/stream/anna", b"", (200,)),
    ("GET", f"{BASE}/proactive/stream/ben", b"", (403,)),
    ("GET", f"{BASE}/proactive/stream/anna?wait=x", b"", (400,)),
    ("GET", f"{BASE}/autoplay.js", b"", (200,)),
    ("GET", f"{BASE}/no-such-route", b"", (404,)),
    ("GET", f"{BASE}/proactive/ack", b"", (405,)),
    ("PUT", f"{BASE}/proactive/ack", b"{}", (405,)),
    ("POST", f"{BASE}/proactive/ack", b"{}", (400,)),
    ("POST", f"{BASE}/proactive/ack", b"{" * 70_000, (413,)),
    ("POST", f"{BASE}/proactive/inject", b"{}", (400,)),
    ("POST", f"{BASE}/tour/start", json.dumps({"user_id": "anna", "tour_id": "x"}).encode(), (404,)),
    ("POST", f"{BASE}/tour/step", json.dumps({"user_id": "anna"}).encode(), (200,)),
    ("POST", f"{BASE}/capture/e/", b"{}", (200, 400)),
    ("POST", f"{BASE}/capture/e/", b"no JSON", (400,)),
    ("GET", f"{BASE}/capture/array/phc_x/config", b"", (200,)),
    ("GET", f"{BASE}/explain/anna", b"", (401,)),
    ("OPTIONS", f"{BASE}/proactive/inject", b"", (200, 204)),
    ("OPTIONS", f"{BASE}/no-such-route", b"", (200, 204)),
    ("OPTIONS", CHAT, b"", (200, 204)),
    ("GET", "/socket.io/?EIO=3", b"", (400,)),
    ("GET", "/socket.io/?EIO=4&transport=polling&sid=unknown", b"", (400,)),
    ("POST", "/socket.io/?EIO=4&transport=polling&sid=unknown", b"1", (400,)),
    ("PUT", "/socket.io/", b"1", (405,)),
    ("GET", "/socket.io/no/such/route", b"", (404,)),
]


async def asked(made: Deployment, method: str, target: str, body: bytes, origin: str | None) -> RawAnswer:
    headers = {**signed("anna"), **({"Origin": origin} if origin is not None else {})}
    return await ask_raw(
        made.origin, method, target, {**headers, **(PREFLIGHT if method == "OPTIONS" else {})}, body
    )


async def upgraded(made: Deployment, origin: str | None, **more: str) -> RawAnswer:
    token = signed("anna")["Authorization"].removeprefix("Bearer ")
    headers = {**UPGRADE, **({"Origin": origin} if origin is not None else {}), **more}
    return await ask_raw(made.origin, "GET", f"/socket.io/?EIO=4&transport=websocket&token={token}", headers)


def assert_one_set(answer: RawAnswer, origin: str) -> None:
    assert answer.all("access-control-allow-origin") == [origin]
    assert answer.all("access-control-allow-credentials") == ["true"]
    names = [name for name, _ in answer.starting("access-control-")]
    assert len(names) == len(set(names)), names
    (vary,) = answer.all("vary")
    assert "Origin" in vary.split(", ")


@pytest.mark.parametrize("flag", FLAGS)
@asynchronous
async def test_sends_one_set_of_cors_headers_to_allowed_origins_only(
    tmp_path: Path, flag: str | None
) -> None:
    async with deployed(tmp_path, cors=flag, allowed_origins=[ALLOWED]) as made:
        for method, target, body, statuses in [*REQUESTS, ("GET", CHAT, b"", (200,))]:
            answer = await asked(made, method, target, body, ALLOWED)
            assert answer.status in statuses, (method, target)
            assert_one_set(answer, ALLOWED)
            if method == "OPTIONS":
                assert answer.all("access-control-allow-headers") == ["content-type,x-own"]
                assert "POST" in answer.all("access-control-allow-methods")[0]
            for origin in (
                STRANGER,
                "null",
                f"{ALLOWED}.evil.example",
                f"{ALLOWED}:8443",
                "http://app.example.com",
            ):
                answer = await asked(made, method, target, body, origin)
                assert answer.starting("access-control-") == [], (method, target, origin)
            answer = await asked(made, method, target, body, None)
            assert answer.starting("access-control-") == [], (method, target)


@pytest.mark.parametrize("flag", FLAGS)
@asynchronous
async def test_rejects_every_foreign_origin_when_none_is_allowed(tmp_path: Path, flag: str | None) -> None:
    async with deployed(tmp_path, cors=flag) as made:
        for method, target, body, _ in [*REQUESTS, ("GET", CHAT, b"", (200,))]:
            for origin in (STRANGER, ALLOWED, "null"):
                answer = await asked(made, method, target, body, origin)
                assert answer.starting("access-control-") == [], (method, target, origin)
        assert (await upgraded(made, STRANGER)).status == 403
        assert (await asked(made, "GET", CHAT, b"", STRANGER)).status == 403


@pytest.mark.parametrize("flag", [None, "*"])
@asynchronous
async def test_refuses_websockets_to_foreign_origins(tmp_path: Path, flag: str | None) -> None:
    async with deployed(tmp_path, cors=flag, allowed_origins=[ALLOWED]) as made:
        host = made.origin.removeprefix("http://")
        for origin in (ALLOWED, None, made.origin, f"https://{host}"):
            answer = await upgraded(made, origin)
            assert answer.status == 101, origin
            assert answer.starting("access-control-") == []
        for origin in (
            STRANGER,
            "null",
            f"{ALLOWED}.evil.example",
            f"https://{host}.evil.example",
            f"x{host}",
            "x",
        ):
            answer = await upgraded(made, origin)
            assert answer.status == 403, origin
            assert answer.starting("access-control-") == []
        # A proxy that forwards the requested host name; pages in a browser cannot set it.
        assert (await upgraded(made, STRANGER, **{"X-Forwarded-Host": "evil.example"})).status == 101
        await made.check_still_serves()


@asynchronous
async def test_origin_patterns_allow_only_matching_origins(tmp_path: Path) -> None:
    async with deployed(
        tmp_path, cors="*", allowed_origins=["https://*.Example.com:443", "capacitor://localhost"]
    ) as made:
        for origin in ("https://a.example.com", "https://a.b.example.com", "capacitor://localhost"):
            assert_one_set(await asked(made, "GET", f"{BASE}/", b"", origin), origin)
            assert (await upgraded(made, origin)).status == 101
        for origin in (
            "https://example.com",
            "http://a.example.com",
            "https://aexample.com",
            "ionic://localhost",
        ):
            assert (await asked(made, "GET", f"{BASE}/", b"", origin)).starting("access-control-") == []
            assert (await upgraded(made, origin)).status == 403


@asynchronous
async def test_rasas_own_routes_follow_the_cors_flag(tmp_path: Path) -> None:
    async with deployed(tmp_path, cors="*", allowed_origins=[ALLOWED]) as made:
        answer = await asked(made, "GET", "/webhooks/autoplayground/", b"", STRANGER)
        assert answer.all("access-control-allow-origin") == [STRANGER]
