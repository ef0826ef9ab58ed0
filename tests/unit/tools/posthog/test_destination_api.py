"""The destination is created, updated and checked through a stand-in for PostHog's API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from support.background import PATIENCE_S, BackgroundLoop
from support.hog import fetched
from support.run import asynchronous

from rasa_autoplay.errors import ConfigError, UpstreamError
from rasa_autoplay.tools.cli.main import main
from rasa_autoplay.tools.posthog.destination_api import (
    DESTINATION_NAME,
    check_destination_status,
    create_or_update_destination,
)

KEY, SECRET = "phx_" + "k" * 40, "a-secret-of-the-webhook"
WEBHOOK = {"webhook_url": "https://bot.example.com/webhooks/autoplay/posthog", "webhook_secret": SECRET}


class PostHog:
    """Stores Hog functions, two per page."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.status = 200
        self.text: str | None = None
        self.host = ""

    def arguments(self, key: str = KEY) -> dict[str, str]:
        return {"host": self.host, "project_id": "7", "personal_api_key": key}

    async def answer(self, request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bearer {KEY}":
            return web.json_response({"detail": "no"}, status=401)
        if self.text is not None or self.status != 200:
            return web.Response(text=self.text or await request.text(), status=self.status)
        if request.method == "GET":
            start = int(request.query.get("offset", 0))
            following = (
                f"https://elsewhere.example.com/?offset={start + 2}" if start + 2 < len(self.rows) else None
            )
            return web.json_response({"results": self.rows[start : start + 2], "next": following})
        body = await request.json()
        if request.method == "POST":
            self.rows.append({"id": f"id-{len(self.rows)}", **body})
            return web.json_response(self.rows[-1], status=201)
        row = next(row for row in self.rows if row["id"] == request.match_info["id"])
        row.update(body)
        return web.json_response(row)


@asynccontextmanager
async def posthog() -> AsyncIterator[PostHog]:
    stand_in, app = PostHog(), web.Application()
    path = "/api/environments/7/hog_functions/"
    app.router.add_route("*", path, stand_in.answer)
    app.router.add_route("*", path + "{id}/", stand_in.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stand_in.host = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stand_in
    finally:
        await runner.cleanup()


@asynchronous
async def test_creates_the_destination_once_and_then_updates_it() -> None:
    async with posthog() as api:
        api.rows = [{"id": f"other-{n}", "name": f"other {n}", "enabled": True} for n in range(5)]
        first = await create_or_update_destination(**api.arguments(), **WEBHOOK)
        assert first.created
        api.rows[-1]["enabled"] = False
        assert not (await check_destination_status(**api.arguments())).ok
        second = await create_or_update_destination(**api.arguments(), **WEBHOOK)
        assert (second.id, second.created, len(api.rows)) == (first.id, False, 6)
        status = await check_destination_status(**api.arguments())
        assert (status.ok, status.id) == (True, first.id)
        event = {"uuid": "u", "event": "$pageview", "properties": {"$session_id": "s"}}
        url, options = fetched(api.rows[-1]["hog"], event, None)
        assert (url, options["headers"]["x-posthog-secret"]) == (WEBHOOK["webhook_url"], SECRET)
        assert {one["id"] for one in api.rows[-1]["filters"]["events"]} >= {"$autocapture", "$pageview"}


@asynchronous
async def test_ignores_a_deleted_destination() -> None:
    async with posthog() as api:
        api.rows = [{"id": "old", "name": DESTINATION_NAME, "enabled": True, "deleted": True}]
        assert not (await check_destination_status(**api.arguments())).exists
        assert (await create_or_update_destination(**api.arguments(), **WEBHOOK)).created


@pytest.mark.parametrize(
    ("status", "text", "words"),
    [
        (403, None, "scopes"),
        (404, None, "--project-id"),
        (429, None, "minute"),
        (500, None, "500"),
        (200, "<html>", "JSON"),
    ],
)
@asynchronous
async def test_rejection_names_the_remedy_and_no_secret(status: int, text: str | None, words: str) -> None:
    async with posthog() as api:
        api.status, api.text = status, text
        with pytest.raises(UpstreamError, match=words) as refused:
            await create_or_update_destination(**api.arguments(), **WEBHOOK)
        assert SECRET not in str(refused.value)
        assert KEY not in str(refused.value)


@asynchronous
async def test_reports_a_wrong_key() -> None:
    async with posthog() as api:
        with pytest.raises(UpstreamError, match="personal API key"):
            await check_destination_status(**api.arguments("phx_guessed"))
        with pytest.raises(ConfigError, match="phc_"):
            await check_destination_status(**api.arguments("phc_project"))


@asynchronous
async def test_reports_an_unreachable_server() -> None:
    async with posthog() as api:
        arguments = api.arguments()
    with pytest.raises(UpstreamError, match="--host"):
        await check_destination_status(**arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--check"], "--project-id"),
        (["--check", "--project-id", "7"], "POSTHOG_PERSONAL_API_KEY"),
        (["--create", "--project-id", "7"], "--url"),
    ],
)
def test_command_names_missing_options(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POSTHOG_PERSONAL_API_KEY", raising=False)
    assert main(["posthog-destination", *arguments]) == 1
    assert words in capsys.readouterr().err


def test_command_creates_and_checks_the_destination(
    background: BackgroundLoop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTHOG_PERSONAL_API_KEY", KEY)
    stack = AsyncExitStack()
    api = background.run(stack.enter_async_context(posthog()), PATIENCE_S)
    project = ["--project-id", "7", "--host", api.host]
    webhook = ["--url", "https://bot.example.com", "--secret", SECRET]
    assert main(["posthog-destination", "--check", *project]) == 1
    assert "--create" in capsys.readouterr().out
    for done in ("Created", "Updated"):
        assert main(["posthog-destination", "--create", *project, *webhook]) == 0
        assert f"{done} the destination id-0" in capsys.readouterr().out
    assert main(["posthog-destination", "--check", *project]) == 0
    assert SECRET not in capsys.readouterr().out
    background.run(stack.aclose(), PATIENCE_S)
