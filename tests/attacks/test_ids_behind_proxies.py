"""Every valid user id works in every form in which a proxy may forward it."""

from __future__ import annotations

import posixpath
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from support.deployment import ADMIN_KEY, BASE, JWT_KEY, Deployment, deployed, signed
from support.raw_http import ask_raw
from support.run import asynchronous

from rasa_autoplay.common.identity.ids import MAX_ID_BYTES
from rasa_autoplay.common.identity.user_tokens import mint_token

USERS = [
    "anna@example.com",
    "tenant-7/anna",
    "https://login.example.com/users/7",
    "a/b/c",
    "/anna",
    "anna/",
    "a//b",
    "a%2Fb",
    "100%",
    "auth0|123?x=1#y",
    "..",
    "../anna",
    "./anna",
    "memory",
    "änna berg",
    "x" * MAX_ID_BYTES,
    "é" * (MAX_ID_BYTES // 2),
]


def normalised(target: str) -> str:
    """Return the target as forwarded by a proxy that decodes paths, merges slashes and resolves dots."""
    path, _, query = target.partition("?")
    decoded = posixpath.normpath(unquote(path).replace("//", "/"))
    return f"{quote(decoded)}?{query}"


async def feed_status(made: Deployment, target: str, user: str) -> int:
    headers = {**signed(user), "Connection": "close"}
    return (await ask_raw(made.origin, "GET", f"{BASE}{target}", headers)).status


@asynchronous
async def test_the_query_form_survives_every_proxy(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        for user in USERS:
            target = f"/proactive/stream?user_id={quote(user, safe='')}&wait=0"
            assert await feed_status(made, target, user) == 200, user
            assert await feed_status(made, target, "mallory") == 403, user
            assert await feed_status(made, normalised(f"{BASE}{target}").removeprefix(BASE), user) == 200, (
                user
            )
            assert await feed_status(made, target.replace("stream?", "stream/?"), user) in (200, 400)
        assert await feed_status(made, "/proactive/stream?wait=0", "anna") == 400
        # Not the query form, but one user's path with another's query.
        assert await feed_status(made, "/proactive/stream/anna?user_id=ben&wait=0", "ben") == 403


@asynchronous
async def test_the_path_form_works_encoded_and_decoded(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        for user in USERS:
            encoded = f"/proactive/stream/{quote(user, safe='')}?wait=0"
            assert await feed_status(made, encoded, user) == 200, user
        for user in ("tenant-7/anna", "a/b/c", "anna@example.com", "änna berg"):
            proxied = normalised(f"{BASE}/proactive/stream/{quote(user, safe='')}?wait=0").removeprefix(BASE)
            assert "%2F" not in proxied
            assert await feed_status(made, proxied, user) == 200, user
            assert await feed_status(made, proxied, "mallory") == 403, user


@asynchronous
async def test_every_route_accepts_user_ids_with_slashes(tmp_path: Path) -> None:
    admin = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with deployed(tmp_path) as made:
        for user in ("tenant-7/anna", quote("tenant-7/anna", safe="")):
            for route in (f"/explain/{user}", f"/users/demo/{user}/memory", f"/users/demo/{user}/offers"):
                status, answer = await made.request("GET", route, headers=admin)
                assert status == 200, route
                assert answer.get("user_id", "tenant-7/anna") == "tenant-7/anna"
        for target in ("/reply/tenant-7/anna?query=hello", "/reply?user_id=tenant-7%2Fanna&query=hello"):
            assert (await made.request("GET", target, headers=signed("tenant-7/anna")))[0] == 200
            assert (await made.request("GET", target, headers=signed("anna")))[0] == 403


@pytest.mark.parametrize(
    "user", ["tenant-7/anna", "u" * 300, "é" * (MAX_ID_BYTES // 2)], ids=["/", "300", "é"]
)
@asynchronous
async def test_users_with_long_or_odd_ids_get_toasts(tmp_path: Path, user: str) -> None:
    async with (
        deployed(tmp_path) as made,
        made.http.get(
            f"{made.origin}{BASE}/proactive/stream", params={"user_id": user}, headers=signed(user)
        ) as feed,
    ):
        assert set(await made.send_story(user, session="ps-odd")) == {200}
        async for line in feed.content:
            if line.startswith(b"data:"):
                break
        else:
            pytest.fail("the feed ended without a toast")


@asynchronous
async def test_long_ids_that_differ_at_the_end_are_different_users(tmp_path: Path) -> None:
    """When ids were cut at 200 characters, these two were one user, and each got the other's toasts."""
    async with deployed(tmp_path) as made:
        hers, his = "u" * 250 + "a", "u" * 250 + "b"
        feed = await made.listen(his)
        await made.offer_to(hers)
        await made.check_still_serves()
        assert feed.toasts == []


@asynchronous
async def test_every_route_has_the_same_id_limit(tmp_path: Path) -> None:
    async with deployed(tmp_path, identity="none") as made:
        for user in ("u" * (MAX_ID_BYTES + 1), "é" * (MAX_ID_BYTES // 2) + "u"):
            with pytest.raises(ValueError, match=str(MAX_ID_BYTES)):
                mint_token(user, JWT_KEY)
            path = quote(user, safe="")
            for target in (
                f"/proactive/stream/{path}",
                f"/proactive/stream?user_id={path}",
                f"/reply/{path}",
            ):
                status, answer = await made.request("GET", target)
                assert (status, str(MAX_ID_BYTES) in answer["error"]) == (400, True), target
            assert (await made.post("/tour/end", {"user_id": user}))[0] == 400
            await made.send_story(user, session="ps-1", as_user="anna")
        assert (await made.health())["sources"]["capture"]["too_long_id"]
