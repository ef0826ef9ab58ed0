"""The link through proxies with TLS, logins and prefixes: it works, or health and log name the remedy."""

from __future__ import annotations

import datetime
import logging
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from support.certificates import Authority
from support.engine_parts import Clock
from support.link_ends import FakeEngine, Frames, serving_engine, until
from support.reverse_proxy import ReverseProxy, basic
from support.run import asynchronous

from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.link.frame_streams import FrameStreams
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.http import client as gateway_side
from rasa_autoplay.link.http.client import HttpLink
from rasa_autoplay.link.http.endpoint import EngineEndpoint, action_server_endpoint, link_url_endpoint
from rasa_autoplay.link.messages import ChatMessage
from rasa_autoplay.link.requests import GetHealth
from rasa_autoplay.settings.secret import Secret

#: Python 3.10 forgets that a TLS connection is closed when the other side has closed it.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:.*_SSLProtocolTransport.__del__:pytest.PytestUnraisableExceptionWarning"
)

SECRET = "canary-of-link-secret"
PASSWORD = "canary-of-password"
TOKEN = "canary-of-token"
HEADER = "canary-of-header"
LOGIN = {"username": "rasa", "password": PASSWORD}


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_side, "Retry", lambda: Retry(Backoff(0.01, 0.02)))


@pytest.fixture(autouse=True)
def _no_canary_in_the_log(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.DEBUG)
    yield
    assert "canary" not in caplog.text


def configured(url: str, **more: Any) -> Callable[[], EngineEndpoint | None]:
    """Return what finds the engine of an ``action_endpoint`` with these settings."""
    unset: dict[str, Any] = {"params": {}, "headers": {}, "basic_auth": {}, "token": None, "cafile": None}
    endpoint = SimpleNamespace(**{"url": url, "token_name": "token", **unset, **more})
    return lambda: action_server_endpoint(endpoint)


@asynccontextmanager
async def linked(
    find: Callable[[], EngineEndpoint | None], secret: str = SECRET, frames: Frames | None = None
) -> AsyncIterator[HttpLink]:
    frames = frames or Frames()
    link = HttpLink("demo", find, Secret(secret), Clock())
    link.start(frames.take, lambda: frames.feeds)
    try:
        yield link
    finally:
        await link.stop()


async def connected(link: HttpLink) -> None:
    await until(lambda: link.health()["state"] == "connected")


async def remedy_of(link: HttpLink, caplog: pytest.LogCaptureFixture) -> str:
    """Return what health advises, which the log says too."""
    await until(lambda: "remedy" in link.health() and "The link to the engine is down" in caplog.text)
    health = link.health()
    assert health["state"] == "connecting"
    assert "canary" not in str(health)
    return str(health["remedy"])


def demands(name: str, value: str) -> Callable[[web.BaseRequest], web.StreamResponse | None]:
    """A proxy that lets only requests with this header pass."""

    def answer(request: web.BaseRequest) -> web.StreamResponse | None:
        is_right = request.headers.get(name) == value
        return (
            None if is_right else web.Response(status=401, headers={"WWW-Authenticate": "Basic"}, text="401")
        )

    return answer


# --- it works ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [SECRET, ""])
@asynchronous
async def test_uses_all_settings_of_the_action_endpoint(tmp_path: Path, secret: str) -> None:
    """Without a secret the engine refuses what a proxy forwards, so here the proxy removes its own header."""
    authority = Authority(tmp_path, "own")

    def answer(request: web.BaseRequest) -> web.StreamResponse | None:
        expected = basic("rasa", PASSWORD), HEADER, TOKEN, "eu"
        found = (
            request.headers.get("Authorization"),
            request.headers.get("X-Api-Key"),
            request.query.get("key"),
            request.query.get("region"),
        )
        return None if found == expected else web.Response(status=403)

    engine, streams, frames = FakeEngine(), FrameStreams(), Frames()
    async with serving_engine(engine, streams, secret) as origin:
        drops = frozenset() if secret else frozenset({"authorization"})
        proxy = ReverseProxy(origin, "/team/actions", answer, drops)
        async with proxy.serving(authority.server_context("127.0.0.1")) as base:
            find = configured(
                f"{base}/webhook?region=eu",
                cafile=str(authority.ca_file),
                basic_auth=LOGIN,
                headers={"X-Api-Key": HEADER},
                token=TOKEN,
                token_name="key",
            )
            async with linked(find, secret, frames) as link:
                await connected(link)
                link.send(ChatMessage("u1", "w1"))
                await until(lambda: ChatMessage("u1", "w1") in engine.taken)
                assert (await link.ask(GetHealth())).health["state"] == "running"
                (gateway_id,) = streams._queues
                assert streams.push(gateway_id, FeedFrame("u1", "proactive", "o1", "{}"))
                await until(lambda: frames.came)
            assert "canary" not in repr(find())


@pytest.mark.parametrize(
    "login",
    [{"basic_auth": LOGIN}, {"headers": {"authorization": basic("rasa", PASSWORD)}}, {}],
    ids=["basic_auth", "header", "url"],
)
@asynchronous
async def test_login_and_link_secret_travel_in_one_request(login: dict[str, Any]) -> None:
    async with serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin:
        proxy = ReverseProxy(origin, answer=demands("Authorization", basic("rasa", PASSWORD)))
        async with proxy.serving() as base:
            url = base if login else base.replace("://", f"://rasa:{PASSWORD}@")
            async with linked(configured(f"{url}/webhook", **login)) as link:
                await connected(link)


@asynchronous
async def test_reaches_an_engine_at_a_link_url(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "own")
    async with serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin:
        proxy = ReverseProxy(origin, "/engine")
        async with (
            proxy.serving(authority.server_context("127.0.0.1")) as base,
            linked(lambda: link_url_endpoint(f"{base}/", str(authority.ca_file))) as link,
        ):
            await connected(link)


@asynchronous
async def test_moves_its_stream_when_rasa_loads_another_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rasa_autoplay.link.http.server._HEARTBEAT_S", 0.01)
    engines, streams = [FakeEngine("one"), FakeEngine("two")], [FrameStreams(), FrameStreams()]
    found: list[EngineEndpoint | None] = []
    async with serving_engine(engines[0], streams[0]) as one, serving_engine(engines[1], streams[1]) as two:
        found.append(EngineEndpoint(one))
        async with linked(lambda: found[-1], "") as link:
            await until(lambda: len(streams[0]) == 1)
            found.append(None)  # no model is loaded for a moment
            found.append(EngineEndpoint(two))
            await until(lambda: len(streams[1]) == 1 and len(streams[0]) == 0)
            await connected(link)


@asynchronous
async def test_reads_a_renewed_authority_without_a_restart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = Authority(tmp_path, "old"), Authority(tmp_path, "new-authority")
    ca_file = tmp_path / "current.pem"
    shutil.copy(old.ca_file, ca_file)
    async with (
        serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin,
        ReverseProxy(origin).serving(new.server_context("127.0.0.1")) as base,
        linked(configured(f"{base}/webhook", cafile=str(ca_file))) as link,
    ):
        assert "is not trusted" in await remedy_of(link, caplog)
        shutil.copy(new.ca_file, ca_file)
        await connected(link)


# --- who sees the secret -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@asynchronous
async def test_follows_no_redirect(status: int, caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = ReverseProxy("http://127.0.0.1:1")
    async with serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin, elsewhere.serving() as other:
        target = other.replace("://", f"://user:{PASSWORD}@")

        def redirect(request: web.BaseRequest) -> web.StreamResponse:
            headers = {"Location": f"{target}/new{request.path}?sig={TOKEN}"}
            return web.Response(status=status, headers=headers)

        async with (
            ReverseProxy(origin, answer=redirect).serving() as base,
            linked(configured(f"{base}/webhook", basic_auth=LOGIN)) as link,
        ):
            link.send(ChatMessage("u1", "w1"))
            remedy = await remedy_of(link, caplog)
            assert f"redirects to {other}/new/autoplay/link/" in remedy
            assert "Write the final address into the url of action_endpoint in endpoints.yml." in remedy
            assert link.health()["queued"] == 1
        assert elsewhere.seen == []


@asynchronous
async def test_ignores_the_proxy_variables_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = ReverseProxy("http://127.0.0.1:1")
    async with serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin, spy.serving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        async with linked(configured(f"{origin}/webhook")) as link:
            await connected(link)
    assert spy.seen == []


# --- faults ------------------------------------------------------------------------------------------------


async def through(
    proxy: ReverseProxy, caplog: pytest.LogCaptureFixture, secret: str = SECRET, **endpoint: Any
) -> str:
    """Return the remedy of a link through a proxy."""
    async with proxy.serving() as base, linked(configured(f"{base}/webhook", **endpoint), secret) as link:
        return await remedy_of(link, caplog)


@pytest.mark.parametrize(
    ("endpoint", "remedy"),
    [
        ({}, "Give action_endpoint in endpoints.yml what it demands: basic_auth, headers or token."),
        (
            {"basic_auth": {**LOGIN, "password": f"{PASSWORD}2"}},
            "Check basic_auth, headers, params and token",
        ),
        ({"basic_auth": {"username": "rasa"}}, "Write basic_auth: {username: …, password: …}."),
        ({"basic_auth": {**LOGIN, "password": f"{PASSWORD}中"}}, "a character that cannot be sent"),
        ({"basic_auth": {**LOGIN, "username": "a:b"}}, "no colon in the name"),
        ({"basic_auth": LOGIN, "headers": {"Authorization": HEADER}}, "Keep one of them."),
        ({"headers": {"X-Api-Key": f"{HEADER}\n"}}, "Remove its line break."),
    ],
    ids=["no login", "wrong password", "half a login", "unsendable", "colon", "two logins", "line break"],
)
@asynchronous
async def test_wrong_logins(endpoint: dict[str, Any], remedy: str, caplog: pytest.LogCaptureFixture) -> None:
    async with serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin:
        proxy = ReverseProxy(origin, answer=demands("Authorization", basic("rasa", PASSWORD)))
        assert remedy in await through(proxy, caplog, **endpoint)


LATER = datetime.timedelta(hours=-1)


@pytest.mark.parametrize(
    ("names", "ca", "remedy"),
    [
        (["127.0.0.1"], "", "name the PEM file of that authority as cafile of action_endpoint"),
        (
            ["127.0.0.1"],
            "other-ca.pem",
            "must hold the certificate of the authority that issued the server's.",
        ),
        (["127.0.0.1"], "missing.pem", "missing.pem, cannot be read (No such file or directory)."),
        (["127.0.0.1"], "empty.pem", "empty.pem, is not a PEM file of certificates."),
        (["proxy.example"], "own-ca.pem", "Use a name of the certificate in the url of action_endpoint"),
        ([], "own-ca.pem", "Renew it."),
    ],
    ids=["no CA", "wrong CA", "missing CA", "no PEM", "another name", "expired"],
)
@asynchronous
async def test_untrusted_certificates(
    tmp_path: Path, names: list[str], ca: str, remedy: str, caplog: pytest.LogCaptureFixture
) -> None:
    own = Authority(tmp_path, "own")
    Authority(tmp_path, "other")
    (tmp_path / "empty.pem").write_text("no certificate\n", encoding="utf-8")
    tls = own.server_context(*names) if names else own.server_context("127.0.0.1", valid_to=LATER)
    async with (
        serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin,
        ReverseProxy(origin).serving(tls) as base,
    ):
        find = configured(f"{base}/webhook", cafile=str(tmp_path / ca) if ca else None)
        async with linked(find) as link:
            assert remedy in await remedy_of(link, caplog)


@asynchronous
async def test_https_to_a_server_without_tls(caplog: pytest.LogCaptureFixture) -> None:
    async with serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin:
        find = configured(f"{origin.replace('http:', 'https:')}/webhook")
        async with linked(find) as link:
            assert "Does the server speak https on this port?" in await remedy_of(link, caplog)


@pytest.mark.parametrize(
    "url", ["localhost:5055/webhook", "ftp://h/webhook", "http://[::1/webhook", "/webhook"]
)
@asynchronous
async def test_url_that_is_no_address(url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with linked(configured(url)) as link:
        assert "Write it as http://localhost:5055/webhook." in await remedy_of(link, caplog)


@asynchronous
async def test_name_that_does_not_exist(caplog: pytest.LogCaptureFixture) -> None:
    async with linked(configured(f"http://u:{PASSWORD}@actions.invalid:5055/webhook")) as link:
        assert "The name actions.invalid cannot be resolved." in await remedy_of(link, caplog)


@asynchronous
async def test_proxy_that_forwards_only_the_actions(caplog: pytest.LogCaptureFixture) -> None:
    def answer(request: web.BaseRequest) -> web.StreamResponse | None:
        return None if request.path == "/actions/webhook" else web.Response(status=404, text="404")

    async with serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin:
        remedy = await through(ReverseProxy(origin, "/actions", answer), caplog)
    assert "must forward http://127.0.0.1:" in remedy
    assert "/actions/autoplay/link/ too." in remedy


@asynchronous
async def test_proxy_that_does_not_reach_the_engine(caplog: pytest.LogCaptureFixture) -> None:
    remedy = await through(ReverseProxy("http://127.0.0.1:1"), caplog)
    assert "does not reach the engine (502)" in remedy


@asynchronous
async def test_proxy_that_removes_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    async with serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin:
        remedy = await through(ReverseProxy(origin, drops=frozenset({"authorization"})), caplog)
    assert "the link's secret is missing" in remedy


@asynchronous
async def test_login_that_a_proxy_passes_on_needs_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    """A request with a proxy's credential was forwarded, so it does not come from this machine alone."""
    async with serving_engine(FakeEngine(), FrameStreams()) as origin:
        remedy = await through(ReverseProxy(origin), caplog, secret="", basic_auth=LOGIN)
    assert "Set link.secret in credentials.yml" in remedy


@asynchronous
async def test_proxy_that_buffers(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(gateway_side, "_SILENCE_S", 0.3)
    async with serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin:
        proxy = ReverseProxy(origin, buffers=True)
        async with proxy.serving() as base, linked(configured(f"{base}/webhook")) as link:
            assert "a proxy buffers it" in await remedy_of(link, caplog)
            assert "proxy_buffering off" in link.health()["remedy"]


@pytest.mark.parametrize("status", [200, 400, 418])
@asynchronous
async def test_messages_stay_queued_when_another_server_answers(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, text="<h1>Please sign in</h1>", content_type="text/html")

    async with (
        ReverseProxy("", answer=answer).serving() as base,
        linked(configured(f"{base}/webhook")) as link,
    ):
        link.send(ChatMessage("u1", "w1"))
        await until(lambda: "remedy" in link.health())
        assert f"Another server than the engine answers at {base}" in await remedy_of(link, caplog)
        assert link.health()["queued"] == 1


@asynchronous
async def test_sends_smaller_batches_through_a_proxy_that_limits_size(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def answer(request: web.BaseRequest) -> web.StreamResponse | None:
        return web.Response(status=413, text="413") if (request.content_length or 0) > 1_000 else None

    engine = FakeEngine()
    async with (
        serving_engine(engine, FrameStreams(), SECRET) as origin,
        ReverseProxy(origin, answer=answer).serving() as base,
        linked(configured(f"{base}/webhook")) as link,
    ):
        for number in range(50):
            link.send(ChatMessage(f"u{number}", "w1"))
        await until(lambda: sum(isinstance(m, ChatMessage) for m in engine.taken) == 50)
        assert link.health().get("refused", 0) == 0


# --- as Rasa reads it --------------------------------------------------------------------------------------


@asynchronous
async def test_passes_where_rasa_s_own_action_call_passes(tmp_path: Path) -> None:
    """The same EndpointConfig, sent by Rasa and by the link, satisfies the same strict proxy."""
    endpoints = pytest.importorskip("rasa.utils.endpoints")
    authority = Authority(tmp_path, "own")
    settings = {
        "cafile": str(authority.ca_file),
        "basic_auth": {"username": "räsa", "password": f"{PASSWORD}: ü%"},
        "headers": {"X-Api-Key": HEADER},
        "params": {"region": "eu west"},
        "token": f"{TOKEN}&=+",
    }
    async with serving_engine(FakeEngine(), FrameStreams(), SECRET) as origin:
        proxy = ReverseProxy(origin, "/actions")
        async with proxy.serving(authority.server_context("127.0.0.1")) as base:
            endpoint = endpoints.EndpointConfig(f"{base}/webhook?v=1", **settings)
            with pytest.raises(Exception, match=r"404|500"):  # there are no actions
                await endpoint.request(json={})
            async with linked(lambda: action_server_endpoint(endpoint)) as link:
                await connected(link)
    rasas, *links = proxy.seen
    for request in links:
        assert {"Authorization", "X-Api-Key"} <= request.headers.keys()
        for name in ("Authorization", "X-Api-Key"):
            assert request.headers[name] == rasas.headers[name]
        assert dict(rasas.query).items() <= dict(request.query).items()
