"""Webhooks that are replayed or unsigned."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

from support.background import eventually
from support.deployment import DEADLINE_S, Deployment, deployed
from support.run import asynchronous
from support.stories import batch, save

SECRET = "webhook-secret-word"


def pushed(user: str, ended_ago_s: float = 0.0) -> bytes:
    """Return three saves as the connector reports them."""
    now = time.time() - ended_ago_s
    saves = [save(at=now - ago) for ago in (30, 20, 10)]
    return json.dumps(batch(*saves, session_id=f"ps-{user}", user_id=user, forwarded_at=now)).encode()


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def push(made: Deployment, body: bytes, signed: str) -> int:
    return (await made.request("POST", "/events", body, {"X-Connector-Signature": signed}))[0]


async def offers_of(made: Deployment, user: str) -> list[Any]:
    return await made.engine.stores.ledger.history("demo", user)


async def taken(made: Deployment, user: str) -> None:
    """Wait until the engine has made an offer of these events, and of all earlier ones."""

    async def is_there() -> bool:
        return bool(await offers_of(made, user))

    await eventually(is_there, within_s=DEADLINE_S, what=f"an offer to {user}")


@asynchronous
async def test_a_replayed_batch_counts_once(tmp_path: Path) -> None:
    async with deployed(tmp_path, webhook_secret=SECRET) as made:
        body = pushed("anna")
        for _ in range(20):
            assert await push(made, body, signature(body)) == 200
        later = pushed("ben")
        assert await push(made, later, signature(later)) == 200
        await taken(made, "ben")
        assert len(await offers_of(made, "anna")) == 1
        health = await made.health()
        assert health["sources"]["webhook"]["duplicate"] == 19
        assert health["engine"]["actions"] == 6


@asynchronous
async def test_a_replayed_old_batch_brings_no_toast(tmp_path: Path) -> None:
    async with deployed(tmp_path, webhook_secret=SECRET) as made:
        for body in (pushed("anna", ended_ago_s=86_400), pushed("ben")):
            assert await push(made, body, signature(body)) == 200
        await taken(made, "ben")
        assert await offers_of(made, "anna") == []


@asynchronous
async def test_rejects_a_signature_of_another_body(tmp_path: Path) -> None:
    async with deployed(tmp_path, webhook_secret=SECRET) as made:
        heard, wanted = pushed("ben"), pushed("anna")
        for signed in (
            signature(heard),
            signature(wanted, "guessed"),
            signature(wanted).upper(),
            signature(wanted)[:-1],
            signature(wanted).replace("sha256", "sha1"),
            "",
            "sha256=",
        ):
            assert await push(made, wanted, signed) == 401
        assert await push(made, heard, signature(heard)) == 200
        await taken(made, "ben")
        assert await offers_of(made, "anna") == []


@asynchronous
async def test_destination_rows_count_once_and_need_the_secret(tmp_path: Path) -> None:
    def rows(user: str) -> list[dict[str, Any]]:
        return [
            {
                "uuid": f"{user}-{ago}",
                "event": "$autocapture",
                "timestamp": time.time() - ago,
                "event_type": "click",
                "session_id": f"ps-{user}",
                "current_url": "https://app.example.com/projects",
                "distinct_id": user,
                "elements_chain": 'button:text="Save changes"nth-child="1"',
                "button_or_link_text": "Save changes",
                "is_identified": True,
            }
            for ago in (30, 20, 10)
        ]

    async with deployed(tmp_path, posthog_secret=SECRET) as made:
        for secret in ("", "guessed", SECRET[:-1], f"{SECRET} "[:-2]):
            headers = {"x-posthog-secret": secret}
            assert (await made.request("POST", "/posthog", rows("anna"), headers))[0] == 401
        for user in ("ben", "ben", "ben", "clara"):
            headers = {"x-posthog-secret": SECRET}
            assert (await made.request("POST", "/posthog", rows(user), headers))[0] == 200
        await taken(made, "clara")
        assert [len(await offers_of(made, user)) for user in ("anna", "ben", "clara")] == [0, 1, 1]
        assert (await made.health())["engine"]["actions"] == 6
