"""The routes of the screen Rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.gateway import served_gateway
from support.run import asynchronous

from rasa_autoplay.link.rule_requests import (
    BacktestRule,
    DiffRule,
    EditRule,
    FindCapturedWords,
    FindRule,
    SweepRule,
    WriteRule,
)

KEY = "s3cret-word-of-operators"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}
RULE = {"trigger_id": "it", "text": "id: it\n", "base": "ab12"}
POSTS = ("blocks", "backtest", "sweep", "diff", "write")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in ("/rules", "/rules/vocabulary", "/rules/trigger/it")),
        *(("POST", f"/rules/{path}") for path in POSTS),
    ],
)
@asynchronous
async def test_requires_an_operator(method: str, path: str) -> None:
    async with served_gateway(admin_key=KEY) as served:
        body = json.dumps({**RULE, "path": ["when"], "by": "Ann"}).encode() if method == "POST" else b""
        assert (await served.request(method, path, body))[0] == 401
        assert not served.link.asked


@asynchronous
async def test_asks_the_engine() -> None:
    async with served_gateway(admin_key=KEY) as served:

        async def post(route: str, **more: Any) -> None:
            body = json.dumps({**RULE, **more}).encode()
            status, answer = await served.request("POST", f"/rules/{route}", body, WITH_KEY)
            assert (status, answer["text"]) == (200, "id: it")

        for path in ("", "/vocabulary", "/trigger/a%2Fb"):
            assert (await served.request("GET", f"/rules{path}", headers=WITH_KEY))[0] == 200
        await post("blocks", edit={"remove": ["goal"]})
        await post("backtest")
        await post("backtest", user_id="u1", session_id="s1")
        await post("sweep", path=["when", "all", 0])
        await post("diff")
        await post("write", by="Ann", why="too often")
        rule = ("it", "id: it\n", "ab12")
        assert served.link.asked == [
            FindRule(),
            FindCapturedWords(),
            FindRule("a/b"),
            EditRule(*rule, {"remove": ["goal"]}),
            BacktestRule(*rule),
            BacktestRule(*rule, "u1", "s1"),
            SweepRule(*rule, ["when", "all", 0]),
            DiffRule(*rule),
            WriteRule(*rule, "Ann", "too often"),
        ]


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("blocks", {"text": ""}),
        ("blocks", {"text": "x" * 20_001}),
        ("blocks", {"edit": ["set"]}),
        ("sweep", {"path": []}),
        ("sweep", {"path": [1.5]}),
        ("sweep", {"path": ["a"] * 21}),
        ("write", {"by": ""}),
        ("write", {"by": "Ann", "base": ""}),
    ],
)
@asynchronous
async def test_rejects_what_it_cannot_use(path: str, change: dict[str, Any]) -> None:
    async with served_gateway(admin_key=KEY) as served:
        body = json.dumps({**RULE, **change}).encode()
        status, answer = await served.request("POST", f"/rules/{path}", body, WITH_KEY)
        assert status == 400, answer
        assert not served.link.asked
