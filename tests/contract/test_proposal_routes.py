"""The routes of the screen Proposals."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.gateway import served_gateway
from support.run import asynchronous

from rasa_autoplay.link.proposal_requests import FindProposal, FindProposals, StepProposal

KEY = "s3cret-word-of-operators"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}
STEP = {"proposal_id": "bulk-edit", "action": "promote", "base": "ab12", "by": "Ann", "why": "It is good."}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/proposals"), ("GET", "/proposals/bulk-edit"), ("POST", "/proposals/step")]
)
@asynchronous
async def test_requires_an_operator(method: str, path: str) -> None:
    async with served_gateway(admin_key=KEY) as served:
        body = json.dumps(STEP).encode() if method == "POST" else b""
        assert (await served.request(method, path, body))[0] == 401
        assert not served.link.asked


@asynchronous
async def test_asks_the_engine() -> None:
    async with served_gateway(admin_key=KEY) as served:
        for path in ("", "/a%2Fb%3Fc"):
            assert (await served.request("GET", f"/proposals{path}", headers=WITH_KEY))[0] == 200
        for action in ("promote", "back", "reject"):
            body = json.dumps({**STEP, "action": action}).encode()
            assert (await served.request("POST", "/proposals/step", body, WITH_KEY))[0] == 200
        assert served.link.asked == [
            FindProposals(),
            FindProposal("a/b?c"),
            *(
                StepProposal("bulk-edit", action, "ab12", "Ann", "It is good.")
                for action in ("promote", "back", "reject")
            ),
        ]


@pytest.mark.parametrize(
    "change",
    [
        {"action": "delete"},
        {"action": ["promote"]},
        {"proposal_id": ""},
        {"proposal_id": "x" * 600},
        {"proposal_id": ["bulk-edit"]},
        {"base": ""},
        {"base": "x" * 201},
        {"by": ""},
        {"by": "x" * 201},
        {"why": "x" * 501},
        {"why": {}},
    ],
    ids=str,
)
@asynchronous
async def test_rejects_a_step_that_it_cannot_use(change: dict[str, Any]) -> None:
    async with served_gateway(admin_key=KEY) as served:
        body = json.dumps({**STEP, **change}).encode()
        status, answer = await served.request("POST", "/proposals/step", body, WITH_KEY)
        assert status == 400, answer
        assert not served.link.asked
