"""Every secret of a deployment is a canary: none appears in a log, health, a response, a repr or an error."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from support.background import eventually
from support.deployment import DEADLINE_S, Deployment, deployed, signed
from support.run import asynchronous

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.link.http.endpoint import LINK_HEADER, LINK_PATH
from rasa_autoplay.settings.channel import ChannelSettings, read_channel_settings
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.models import Settings
from rasa_autoplay.settings.secret import Secret

#: By the key of credentials.yml that holds the secret.
CANARIES = {
    "jwt_key": "canary-of-jwt-key-" + "k" * 48,
    "posthog_secret": "canary-of-posthog-secret",
    "amplitude_secret": "canary-of-amplitude-secret",
    "fullstory_secret": "canary-of-fullstory-secret",
    "stream.token": "canary-of-token",
    "webhook_secret": "canary-of-webhook-secret",
    "link.secret": "canary-of-link-secret",
    "admin_key": "canary-of-admin-key",
    "server_key": "canary-of-server-key",
    "metrics_token": "canary-of-metrics-token",
}
LIVE_KEY, API_KEY = "canary-of-live-activity-key", "sk-canary-of-api-key"
PASSWORD = "canary-of-password"
ALL = [*CANARIES.values(), LIVE_KEY, API_KEY, PASSWORD]


def found_in(text: str) -> list[str]:
    return [canary for canary in ALL if canary in text or canary[3:] in text]


def test_every_secret_setting_has_a_canary() -> None:
    assert secrets_of(ChannelSettings) == {*CANARIES, "live_activity.key", "shared.redis"}


def secrets_of(model: type[Settings], place: str = "") -> set[str]:
    """Return the dotted keys that hold a secret."""
    found: set[str] = set()
    for name, field in model.__fields__.items():
        if field.type_ is Secret:
            found.add(place + name)
        elif isinstance(field.type_, type) and issubclass(field.type_, Settings):
            found |= secrets_of(field.type_, f"{place}{name}.")
    return found


def section(upstream: str) -> dict[str, Any]:
    """A channel with every source that needs a secret."""
    return {
        **{key: canary for key, canary in CANARIES.items() if "." not in key},
        "stream": {"url": f"{upstream}/stream", "token": CANARIES["stream.token"]},
        "link": {"secret": CANARIES["link.secret"]},
        "live_activity": {"origin": upstream, "key": LIVE_KEY, "min_interval": "50ms"},
    }


@asynccontextmanager
async def echoing_upstream() -> AsyncIterator[str]:
    """A server that rejects every request and repeats it in its body and headers."""

    async def refuse(request: web.Request) -> web.Response:
        sent = request.headers.get("Authorization", "")
        asked.add(which := request.path.split("/")[1])
        # httpx, the model's client, logs any server's reason phrase.
        reason = "No" if which == "v1" else f"No {sent}"
        return web.Response(status=401, reason=reason, text=f"no: {sent}", headers={"X-Echo": sent})

    asked: set[str] = set()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    host, port = site._server.sockets[0].getsockname()[:2]  # type: ignore[attr-defined]
    try:
        yield f"http://{host}:{port}"
        assert {"stream", "users", "v1"} <= asked, "each was asked with its secret"
    finally:
        await runner.cleanup()


async def knock_everywhere(made: Deployment) -> str:
    """Call every route with good and wrong secrets; return everything that is answered."""
    admin = {"Authorization": f"Bearer {CANARIES['admin_key']}"}
    wrong = {"Authorization": f"Bearer {CANARIES['admin_key'][:-1]}"}
    answers: list[Any] = []
    for headers in (admin, wrong, {}):
        for path in ("/explain/anna", "/users/demo/anna/memory", "/users/demo/anna/offers", "/offers/x"):
            answers.append(await made.request("GET", path, headers=headers))
    for token in (CANARIES["metrics_token"], CANARIES["metrics_token"][:-1]):
        answers.append(await made.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"}))
    for secret in (CANARIES["posthog_secret"], "guessed"):
        answers.append(await made.request("POST", "/posthog", b"{", {"x-posthog-secret": secret}))
    answers.append(await made.request("POST", "/events", b"{", {"x-connector-signature": "sha256=00"}))
    for path in ("/proactive/ack", "/tour/start", "/capture/e/"):
        answers.append(await made.request("POST", path, b"{", signed("anna", CANARIES["jwt_key"])))
        answers.append(await made.request("POST", path, b"{", {"Authorization": "Bearer forged"}))
    async with aiohttp.ClientSession(made.engine_origin, headers={LINK_HEADER: "1"}) as http:
        for secret in (CANARIES["link.secret"], "guessed"):
            authorization = {"Authorization": f"Bearer {secret}"}
            async with http.post(f"{LINK_PATH}/messages", data=b"{", headers=authorization) as response:
                answers.append([response.status, await response.text(), dict(response.headers)])
    answers.append(await made.health())
    return json.dumps(answers)


@asynchronous
async def test_a_deployment_leaks_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "rasa_autoplay")
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("OPENAI_API_KEY", API_KEY)
    async with echoing_upstream() as upstream:
        more = f"llm: {{model: stand-in, base_url: {upstream + '/v1'!r}}}\n"
        async with deployed(tmp_path, more=more, **section(upstream)) as made:
            stream = await made.listen("anna")
            await made.send_story("anna")
            toast = await stream.toast()
            _, session, said = await made.window("anna", "chat-anna")
            inject = {"sender_id": session, "body": "?", "offer_id": toast["offer_id"]}
            assert (await made.post("/proactive/inject", inject, "anna"))[0] == 200
            await eventually(lambda: len(said) == 2, within_s=DEADLINE_S, what="both bubbles")

            async def upstreams_have_failed() -> bool:
                sources = (await made.health())["sources"]
                return all(sources[name]["state"] == "failed" for name in ("stream", "live_activity"))

            await eventually(upstreams_have_failed, within_s=DEADLINE_S, what="both upstreams have refused")
            answers = await knock_everywhere(made)
            assert found_in(answers) == []
            assert found_in(repr(vars(made.engine))) == []
    logged = "\n".join(
        f"{record.name} {record.getMessage()} {record.exc_text or ''} {record.exc_info or ''}"
        for record in caplog.records
    )
    assert "The event stream failed" in logged, "what is to be told is told"
    assert found_in(logged) == []


def test_reprs_show_no_secret() -> None:
    channel = ChannelSettings.parse_obj({"product_id": "demo", "identity": "required", **section("http://x")})
    engine = EngineSettings.parse_obj(
        {"product_id": "demo", "database": {"url": f"postgresql://anna:{PASSWORD}@db/autoplay"}}
    )
    for shown in (repr(channel), str(channel), repr(engine), str(engine), f"{channel.live_activity!r}"):
        assert found_in(shown) == []


def _with(key: str, value: Any) -> dict[str, Any]:
    """Return the value of a dotted key."""
    outer, _, inner = key.rpartition(".")
    return {outer: {inner: value}} if outer else {inner: value}


@pytest.mark.parametrize("key", sorted(CANARIES))
def test_settings_errors_show_no_secret(key: str) -> None:
    canary = CANARIES[key]
    good = {"product_id": "demo", "identity": "none"}
    for wrong in (
        _with(key, {"value": canary}),
        _with(key, [[canary]]),
        _with(key, f"${{{canary}}}"),
        _with(f"{key}s", canary),
        {**_with(key, canary), "identity": "nonsense"},
        {**_with(key, canary), "rate_limits": {"max_feeds": canary}},
        {key.replace(".", "_"): canary, "nonsense": canary},
        {"live_activity": {"origin": "ftp://x", "key": LIVE_KEY}},
        {"live_activity": {"origin": "http://x", "key": [LIVE_KEY]}},
    ):
        with pytest.raises(ConfigError) as refusal:
            read_channel_settings({**good, **wrong})
        assert found_in(f"{refusal.value} {refusal.value!r}") == [], wrong
