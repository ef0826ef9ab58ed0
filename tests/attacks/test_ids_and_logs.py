"""Ids that are paths, commands or log lines, and headers that would inject more headers."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.deployment import BASE, DEADLINE_S, JWT_KEY, Deployment, deployed, signed
from support.run import asynchronous

from rasa_autoplay.common.identity.user_tokens import mint_token

FORGED_LINE = "2026-11-22 10:00:00 ERROR  rasa_autoplay - all is lost"
#: Ids as in a path, with the user that each refers to, or None if it is invalid.
TRICKS = {
    "..%2Fanna": "../anna",
    "%2e%2e%2fanna": "../anna",
    "anna%2F..%2Fanna": "anna/../anna",
    "%2Fanna": "/anna",
    "anna%252F": "anna%2F",
    "%61nna%3F": "anna?",
    "anna%23": "anna#",
    "ANNA": "ANNA",
    "a%CC%8Anna": "ånna",
    "%D0%B0nna": "\u0430nna",
    "anna%E2%80%8B": "anna\u200b",
    "anna%00": "",
    "anna%0A": "anna",
    f"anna%0D%0A{quote(FORGED_LINE)}": "",
    "anna%E2%80%A8x": "",
    "%E2%80%AEanna": "",
    "anna%1B%5B2J": "",
    "%ED%A0%BDanna": "\ufffd\ufffd\ufffdanna",
    "x" * 10_000: "",
    quote("é" * 600): "",
}


async def raw_answer(made: Deployment, *lines: str) -> bytes:
    """Return the head of the response to a request that no library would send."""
    host, port = made.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write("\r\n".join([*lines, "Host: x", "Connection: close", "", ""]).encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), DEADLINE_S)
    writer.close()
    return head


@asynchronous
async def test_path_tricks_open_no_other_users_feed(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        for path, user in TRICKS.items():
            for token in (mint_token("mallory", JWT_KEY), mint_token(user or "x", JWT_KEY)):
                target = f"{BASE}/proactive/stream/{path}?wait=0&token={token}"
                status = int((await raw_answer(made, f"GET {target} HTTP/1.1")).split()[1])
                is_own = bool(user) and token != mint_token("mallory", JWT_KEY)
                if len(path) < 5_000:
                    own = 403 if user == "anna" and not is_own else 200
                    assert status in ((own, 403) if user else (400,)), (path, status)
        # A user signed in with such an id has their own feed, and Anna's stays hers.
        hers = await made.listen("anna")
        near = [
            made.http.get(
                f"{made.origin}{BASE}/proactive/stream/{quote(user, safe='')}", headers=signed(user)
            )
            for user in TRICKS.values()
            if user not in ("", "anna") and "\ufffd" not in user
        ]
        answers = await asyncio.gather(*near)
        assert {answer.status for answer in answers} == {200}
        await made.send_story("anna")
        toast = await hers.toast()
        await made.check_still_serves()
        for answer in answers:
            got = answer.content.read_nowait()
            assert toast["offer_id"].encode() not in got
            answer.close()


@pytest.mark.parametrize(
    "path",
    ["/../../webhook", "/%2e%2e/%2e%2e/status", "/demo/..%2f..%2fcredentials.yml", "/proactive/../"],
)
@asynchronous
async def test_paths_cannot_leave_the_served_folders(tmp_path: Path, path: str) -> None:
    async with deployed(tmp_path) as made:
        head = await raw_answer(made, f"GET {BASE}{path} HTTP/1.1")
        assert head.split()[1] in (b"400", b"404"), head
        await made.check_still_serves()


@asynchronous
async def test_requests_cannot_inject_response_headers(tmp_path: Path) -> None:
    crlf = "%0d%0aX-Injected:%201%0d%0a%0d%0a<script>"
    async with deployed(tmp_path) as made:
        token = mint_token("anna", JWT_KEY)
        for line in (
            f"GET {BASE}/proactive/stream/anna{crlf}?token={token}&wait=0 HTTP/1.1",
            f"GET {BASE}/proactive/stream/anna?token={token}&wait=0&last_event_id={crlf} HTTP/1.1",
            f"GET {BASE}/proactive/stream/anna?token={crlf} HTTP/1.1",
            f"GET {BASE}/capture/array/{crlf}/config.js HTTP/1.1",
            f"GET {BASE}/reply/anna{crlf}?query={crlf} HTTP/1.1",
            f"GET {BASE}/{crlf} HTTP/1.1",
        ):
            assert b"x-injected" not in (await raw_answer(made, line)).lower(), line
        for header in ("Origin", "Access-Control-Request-Headers", "Last-Event-ID"):
            head = await raw_answer(
                made, f"OPTIONS {BASE}/proactive/ack HTTP/1.1", f"{header}: https://a\x0bX-Injected: 1"
            )
            assert b"\nx-injected" not in head.lower(), header
        await made.check_still_serves()


def lines_of_ours(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name.startswith("rasa_autoplay")]


@pytest.mark.parametrize(
    "name", [f"anna\n{FORGED_LINE}", f"anna\r{FORGED_LINE}", f"a\u2028{FORGED_LINE}", "a\x1b[2J"]
)
@asynchronous
async def test_ids_cannot_inject_log_lines(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with deployed(tmp_path, identity="none") as made:
        # As user, as session, and in every other field of a body.
        await made.send_story(name, as_user="anna")
        await made.send_story("mallory", session=name)
        bodies: dict[str, dict[str, Any]] = {
            "/proactive/ack": {"offer_id": name, "event": "seen", "user_id": name},
            "/proactive/inject": {"sender_id": name, "body": name, "user_id": name, "offer_id": name},
            "/tour/start": {"user_id": name, "tour_id": name},
            "/tour/end": {"user_id": name},
        }
        for path, body in bodies.items():
            status, _ = await made.post(path, body)
            assert status == 400, path
        window, given, _ = await made.window("mallory", name)
        assert given != name
        await window.emit(
            "user_uttered", {"message": "hi", "session_id": name, "customData": {"userId": name}}
        )
        await made.check_still_serves()
        told = lines_of_ours(caplog)
        assert any("trigger fired" in line for line in told), "what is to be told is told"
        assert not [line for line in told if len(line.splitlines()) > 1 or "\x1b" in line or "lost" in line]
        counted = (await made.health())["sources"]["capture"]
        assert counted.get("unsafe_id"), json.dumps(counted)
