"""Forged, expired, unsigned tokens, and tokens of a wrong key or kind, on every entry point."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
import socketio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from support.deployment import BASE, JWT_KEY, Deployment, deployed
from support.run import asynchronous

from rasa_autoplay.common.identity.user_tokens import mint_token

WAYS_IN: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/proactive/stream/anna?wait=0", None),
    ("POST", "/proactive/ack", {"offer_id": "o1", "event": "seen"}),
    ("POST", "/proactive/inject", {"sender_id": "w", "body": "?", "user_id": "anna"}),
    ("POST", "/proactive/explain", {"user_id": "anna", "trigger_id": "bulk_edit_opportunity"}),
    ("POST", "/tour/start", {"user_id": "anna", "tour_id": "projects-bulk-edit"}),
    ("POST", "/tour/step", {"user_id": "anna"}),
    ("POST", "/tour/end", {"user_id": "anna"}),
    ("POST", "/consent", {"user_id": "anna", "consent": True}),
    ("GET", "/reply/anna?query=how", None),
    ("POST", "/capture/e/", {"batch": [{"event": "$pageview", "properties": {"$session_id": "s"}}]}),
]


def _part(value: object) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _by_hand(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    body = f"{_part(header)}.{_part(claims)}"
    return f"{body}.{_part(hmac.new(key, body.encode(), hashlib.sha256).digest())}"


def _unsigned(algorithm: str) -> str:
    return f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{_part(_claims())}."


def _claims(**changes: Any) -> dict[str, Any]:
    return {"sub": "anna", "exp": int(time.time()) + 600, **changes}


def _signed(**changes: Any) -> str:
    return jwt.encode(_claims(**changes), JWT_KEY, algorithm="HS256")


def _without(claim: str) -> str:
    claims = _claims()
    del claims[claim]
    return jwt.encode(claims, JWT_KEY, algorithm="HS256")


def _other_claims(token: str) -> str:
    """Return one token's signature under another's claims."""
    head, _, signature = token.split(".")
    return f"{head}.{_part(_claims(sub='anna', exp=int(time.time()) + 6000))}.{signature}"


#: aiohttp puts no line break into a header; these go into the query.
STRANGE = {"a line break": "anna\r\nX-Injected: 1", "NUL": "\0", "not ASCII": "änna"}


def forged() -> dict[str, str]:
    """Return invalid tokens."""
    return {
        "none": "",
        "no token at all": "anna",
        "dots": "..",
        "of another key": mint_token("anna", "another" * 6),
        "expired": mint_token("anna", JWT_KEY, expires_in_s=-60),
        "unsigned": _unsigned("none"),
        "unsigned, disguised": _unsigned("nOnE"),
        "another's signature": _other_claims(mint_token("mallory", JWT_KEY)),
        "of a longer hash": jwt.encode(_claims(), JWT_KEY, algorithm="HS512"),
        "with a key of its own": _by_hand(
            {"alg": "HS256", "jwk": {"kty": "oct", "k": _part(b"mine")}}, _claims(), b"mine"
        ),
        "with a path as its key": _by_hand({"alg": "HS256", "kid": "../../../dev/null"}, _claims(), b""),
        "without an end": _without("exp"),
        "without a user": _without("sub"),
        "with two users": _signed(sub=["anna", "mallory"]),
        "of nobody": _signed(sub=""),
        "of any user": _signed(sub={"$ne": ""}),
        "of an endless time": _signed(exp="never"),
        "of a time that is none": _signed(exp=True),
        "endless": "x" * 100_000,
    }


async def attempt(made: Deployment, way: tuple[str, str, Any], token: str, *, in_query: bool) -> int:
    """Try one entry point with one token."""
    method, path, body = way
    if not in_query:
        return (await made.request(method, path, body, {"Authorization": f"Bearer {token}"}))[0]
    content = None if body is None else json.dumps(body).encode()
    async with made.http.request(
        method, f"{made.origin}{BASE}{path}", data=content, params={"token": token}
    ) as response:
        assert "X-Injected" not in response.headers
        return response.status


@asynchronous
async def test_rejects_forged_tokens_on_every_route(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        for way in WAYS_IN:
            for name, token in forged().items():
                # Sanic itself rejects a request head that is too long.
                allowed = (401, 413, 414, 431) if name == "endless" else (401,)
                assert await attempt(made, way, token, in_query=False) in allowed, (name, way)
                if name != "endless":
                    assert await attempt(made, way, token, in_query=True) == 401, (name, way)
            for name, token in STRANGE.items():
                assert await attempt(made, way, token, in_query=True) == 401, (name, way)
        health = await made.health()
        assert health["feeds"]["open"] == 0
        assert health["engine"]["sessions"] == 0
        assert JWT_KEY not in json.dumps(health)
        await made.check_still_serves()


async def is_refused(made: Deployment, token: str) -> bool:
    """Return whether the chat socket rejects that token."""
    socket = socketio.AsyncClient(reconnection=False)
    try:
        await socket.connect(made.origin, auth={"token": token}, transports=["websocket"])
    except socketio.exceptions.ConnectionError:
        return True
    finally:
        await socket.disconnect()
    return False


@asynchronous
async def test_rejects_forged_tokens_in_the_chat(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        tokens = {name: token for name, token in forged().items() if name != "endless"}
        refused = await asyncio.gather(*(is_refused(made, token) for token in tokens.values()))
        assert all(refused), dict(zip(tokens, refused, strict=True))
        assert not await is_refused(made, mint_token("anna", JWT_KEY))
        _, session, _ = await made.window("anna", "chat-anna")
        assert session == "chat-anna"


@asynchronous
async def test_rejects_tokens_signed_with_the_public_key(tmp_path: Path) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "typ": "JWT"}
    forged = [
        _by_hand(header, _claims(), public),
        _by_hand(header, _claims(), public.strip()),
        _by_hand({**header, "alg": "RS256"}, _claims(), public),
        jwt.encode(_claims(), other, algorithm="RS256"),
        jwt.encode(_claims(), private, algorithm="PS256"),
        _unsigned("none"),
    ]
    async with deployed(tmp_path, jwt_key=public.decode()) as made:
        for token in forged:
            for way in WAYS_IN:
                assert await attempt(made, way, token, in_query=False) == 401
        good = jwt.encode(_claims(), private, algorithm="RS256")
        assert await attempt(made, WAYS_IN[0], good, in_query=False) == 200


@asynchronous
async def test_rejects_tokens_of_a_retired_key(tmp_path: Path) -> None:
    old, new = "old" * 14, "new" * 14
    async with deployed(tmp_path, jwt_key=[new]) as made:
        assert await attempt(made, WAYS_IN[0], mint_token("anna", old), in_query=False) == 401
        assert await attempt(made, WAYS_IN[0], mint_token("anna", new), in_query=False) == 200
