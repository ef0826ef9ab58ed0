"""The gateway's routes on a real Sanic server: the wire contract, with good and bad inputs."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
import httpx
import jwt
import pytest
import pytest_asyncio
from sanic_cors import CORS  # type: ignore[import-untyped]
from support.sanic_server import client_of, fresh_app
from support.stand_in_link import StandInLink
from yarl import URL

from rasa_autoplay.common.http.request_body import BadRequest
from rasa_autoplay.common.http.responses import json_answer
from rasa_autoplay.common.identity.user_tokens import mint_token
from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.access.request_limits import RequestLimits
from rasa_autoplay.gateway.chat.guard import ChatGuard
from rasa_autoplay.gateway.chat.open_talks import OpenTalks
from rasa_autoplay.gateway.chat.openings import ChatOpener
from rasa_autoplay.gateway.chat.rate_limits import ChatRates
from rasa_autoplay.gateway.chat.session_owners import LocalSessionOwners
from rasa_autoplay.gateway.feed_queues import FeedHub
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.routes import blueprint as routes
from rasa_autoplay.gateway.routes import feed_stream
from rasa_autoplay.gateway.sources.posthog.wire import MAX_BYTES
from rasa_autoplay.link.answers import TourReported, TourStarted, TourStepped
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Delivered, Event, FeedClosed, FeedInfo, FeedOpened
from rasa_autoplay.link.request_types import EngineRequest, UserRequest
from rasa_autoplay.link.requests import (
    Acknowledge,
    EndTour,
    ExplainSteps,
    PrepareInject,
    ReportTourProblem,
    StartTour,
    StepTour,
)
from rasa_autoplay.link.tip_requests import ChangeTips, FindTips, RestartTour
from rasa_autoplay.settings.channel import ChannelSettings
from rasa_autoplay.settings.rate_limits import RateLimitSettings

pytestmark = pytest.mark.asyncio
BASE = "/webhooks/autoplay"
ALLOWED, FOREIGN = "https://app.example.com", "https://evil.example.com"
HIDDEN = "s3cret-word"


class Windows:
    """Chat windows that say the given text, or fail."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.failure: Exception | None = None

    async def say(self, sender_id: str, text: str, button: Any = None) -> None:
        if self.failure:
            raise self.failure
        self.said.append((sender_id, text))


class Browser:
    """The server and a client for it."""

    def __init__(
        self, client: httpx.AsyncClient, gateway: Gateway, link: StandInLink, windows: Windows
    ) -> None:
        self.gateway, self.link, self.windows = gateway, link, windows
        self._client = client
        self.origin = str(client.base_url).rstrip("/")

    async def get(self, path: str, **headers: str) -> Any:
        return await self._client.get(BASE + path, headers=headers)

    async def post(self, path: str, body: Any, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self._client.post(BASE + path, content=content, headers=headers)

    async def options(self, path: str, **headers: str) -> Any:
        return await self._client.options(BASE + path, headers=headers)


@asynccontextmanager
async def _running(**settings: Any) -> AsyncIterator[Browser]:
    section = {"product_id": "demo", "identity": "none", "capture": True, "allowed_origins": [ALLOWED]}
    gateway = Gateway(ChannelSettings.parse_obj({**section, **settings}))
    link, windows = StandInLink(), Windows()
    limits = gateway.settings.rate_limits
    gateway.link, gateway.feeds = link, FeedHub(link.send, limits.max_feeds, limits.max_feeds_per_user)
    gateway.chat_opener = ChatOpener(link, windows, OpenTalks(time.monotonic))
    # The engine is a fake, so chat owners are remembered here.
    rates = ChatRates(limits, time.monotonic)
    gateway.chat_guard = ChatGuard(gateway.identity, LocalSessionOwners(), gateway.chat_sockets, rates)
    app = fresh_app()
    CORS(app, resources={r"/*": {"origins": ""}}, automatic_options=True)  # as Rasa without --cors
    app.blueprint(routes.gateway_blueprint(gateway), url_prefix=BASE)
    app.add_route(lambda _request: json_answer({}), "/elsewhere")
    async with client_of(app) as client:
        try:
            yield Browser(client, gateway, link, windows)
        finally:
            gateway.feeds.end_all()
            await gateway.chat_opener.stop()


@pytest.fixture
def settings() -> dict[str, Any]:
    return {}


@pytest_asyncio.fixture
async def browser(settings: dict[str, Any]) -> AsyncIterator[Browser]:
    async with _running(**settings) as made:
        yield made


def is_error(response: Any, status: int, *words: str) -> bool:
    """Return whether this is an error of the wire contract, without a trace of our code."""
    body = response.json()
    assert response.status_code == status, body
    assert response.headers["content-type"] == "application/json"
    assert set(body) <= {"error", "remedy"}
    assert isinstance(body["error"], str)
    text = json.dumps(body, ensure_ascii=False)
    assert "Traceback" not in text
    assert HIDDEN not in text
    assert len(text) < 2000
    return all(word in text for word in words)


def users_asked_for(browser: Browser) -> set[str]:
    """The users that the engine was asked about."""
    return {each.user_id for each in browser.link.asked if isinstance(each, (UserRequest, Acknowledge))}


# --- JSON bodies -------------------------------------------------------------------------------------------

POSTS: dict[str, dict[str, Any]] = {
    "/proactive/ack": {"offer_id": "o1", "event": "seen"},
    "/proactive/inject": {
        "sender_id": "w1",
        "body": "?",
        "user_id": "u1",
        "trigger_id": "t1",
        "offer_id": "o1",
    },
    "/proactive/explain": {"user_id": "u1", "trigger_id": "t1", "offer_id": "o1", "step": "s1"},
    "/tour/start": {"user_id": "u1", "tour_id": "bulk"},
    "/tour/step": {"user_id": "u1"},
    "/tour/end": {"user_id": "u1"},
    "/tour/problem": {
        "user_id": "u1",
        "tour_id": "bulk",
        "step": "s1",
        "problem": "missing",
        "url": "https://app.example.com/projects",
    },
    "/tips": {"user_id": "u1", "change": "mute", "topic": "path:bulk", "for_s": 3600},
    "/tips/tour": {"user_id": "u1", "tour_id": "bulk"},
}
#: What each route asks of the engine.
REQUESTS: dict[str, EngineRequest[Any]] = {
    "/proactive/ack": Acknowledge("o1", "seen"),
    "/proactive/inject": PrepareInject("u1", "t1", "o1"),
    "/proactive/explain": ExplainSteps("u1", "t1", "o1", "s1"),
    "/tour/start": StartTour("u1", "bulk"),
    "/tour/step": StepTour("u1"),
    "/tour/end": EndTour("u1"),
    "/tour/problem": ReportTourProblem("u1", "bulk", "s1", "missing", "https://app.example.com/projects"),
    "/tips": ChangeTips("u1", "mute", "path:bulk", 3600.0),
    "/tips/tour": RestartTour("u1", "bulk"),
}


@pytest.mark.parametrize("path", POSTS)
async def test_answers_a_valid_body(browser: Browser, path: str) -> None:
    response = await browser.post(path, POSTS[path])
    assert (response.status_code, response.json()["status"]) == (200, "ok")
    assert browser.link.asked[0] == REQUESTS[path]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/json; charset=utf-8", "application/xml", ""]
)
async def test_ignores_the_content_type(browser: Browser, content_type: str) -> None:
    # sendBeacon sends text/plain, which needs no preflight.
    response = await browser.post("/proactive/ack", POSTS["/proactive/ack"], **{"content-type": content_type})
    assert response.status_code == 200


NO_OBJECTS = [b"", b"{", b"\xff\xfe", b"[1,2,3]", b"null", b"42", b'"text"', b"[" * 50_000, b"{}x", b"a=b"]


@pytest.mark.parametrize("path", POSTS)
async def test_rejects_a_body_that_is_not_an_object(browser: Browser, path: str) -> None:
    for body in NO_OBJECTS:
        assert is_error(await browser.post(path, body), 400), body[:8]
    assert not browser.link.asked


@pytest.mark.parametrize("path", POSTS)
async def test_rejects_a_body_that_is_too_large(browser: Browser, path: str) -> None:
    body = {**POSTS[path], "more": "x" * 70_000}
    assert is_error(await browser.post(path, body), 413)
    assert not browser.link.asked


REQUIRED = [
    (path, name)
    for path, names in {
        "/proactive/ack": ["offer_id", "event"],
        "/proactive/inject": ["sender_id", "body"],
        "/proactive/explain": ["user_id"],
        "/tour/start": ["user_id", "tour_id"],
        "/tour/step": ["user_id"],
        "/tour/end": ["user_id"],
        "/tour/problem": ["user_id", "tour_id", "problem"],
        "/tips": ["user_id"],
        "/tips/tour": ["user_id", "tour_id"],
    }.items()
    for name in names
]


@pytest.mark.parametrize(("path", "name"), REQUIRED)
async def test_rejects_a_required_field_that_is_not_text(browser: Browser, path: str, name: str) -> None:
    for value in (None, "", 4.2, True, ["u1"], {"a": 1}, "x" * 20_000):
        assert is_error(await browser.post(path, {**POSTS[path], name: value}), 400, f"'{name}'"), value
    without = {k: v for k, v in POSTS[path].items() if k != name}
    assert is_error(await browser.post(path, without), 400, f"'{name}' is missing")
    assert not browser.link.asked


async def test_a_number_in_a_body_is_the_user_of_its_digits(browser: Browser) -> None:
    body = {**POSTS["/proactive/explain"], "user_id": 42}
    assert (await browser.post("/proactive/explain", body)).status_code == 200
    assert getattr(browser.link.asked[-1], "user_id", "") == "42"


@pytest.mark.parametrize("name", ["user_id", "trigger_id", "offer_id"])
async def test_rejects_an_optional_field_that_is_not_text(browser: Browser, name: str) -> None:
    for value in (4.2, True, ["u1"], {"a": 1}, "x" * 600):
        body = {**POSTS["/proactive/inject"], name: value}
        assert is_error(await browser.post("/proactive/inject", body), 400, f"'{name}'"), value


async def test_rejects_a_receipt_that_browsers_cannot_send(browser: Browser) -> None:
    for event in ("expired", "queued", "sent", "Rendered", "x" * 100):
        response = await browser.post("/proactive/ack", {"offer_id": "o1", "event": event})
        assert is_error(response, 400, "rendered, seen, timed_out, dismissed, snoozed, never, accepted")


async def test_my_tips_are_read_by_either_method(browser: Browser) -> None:
    page = "https://app.example.com/projects"
    by_get = await browser.get(f"/tips?user_id=u1&url={page}")
    by_post = await browser.post("/tips", {"user_id": "u1", "url": page})
    assert by_get.json() == by_post.json()
    assert by_get.json()["tips"]["live"] == []
    assert browser.link.asked == [FindTips("u1", page)] * 2
    assert is_error(await browser.get("/tips"), 400)


async def test_rejects_a_change_that_users_cannot_make(browser: Browser) -> None:
    wrong = ({"change": "forget"}, {"for_s": "1h"}, {"for_s": -1}, {"for_s": True}, {"from": "x" * 9})
    for fields in wrong:
        assert is_error(await browser.post("/tips", {"user_id": "u1", "change": "mute", **fields}), 400), (
            fields
        )
    assert not browser.link.asked


async def test_passes_every_receipt_to_the_engine(browser: Browser) -> None:
    events = ["rendered", "seen", "timed_out", "dismissed", "snoozed", "never", "accepted"]
    for event in events:
        assert (await browser.post("/proactive/ack", {"offer_id": "o1", "event": event})).status_code == 200
    assert browser.link.asked == [Acknowledge("o1", event) for event in events]


# --- what the engine answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    ("failure", "status", "words"),
    [
        (
            EngineRefused("not_found", "there is no such thing", "Look."),
            404,
            ["no such", "Look."],
        ),
        (EngineUnreachable("The action server does not answer.", remedy="Start it."), 502, ["Start it."]),
    ],
)
async def test_passes_on_the_engines_errors(
    browser: Browser, path: str, failure: Exception, status: int, words: list[str]
) -> None:
    browser.link.failure = failure
    assert is_error(await browser.post(path, POSTS[path]), status, *words)


@pytest.mark.parametrize("path", [*POSTS, "/"])
async def test_internal_error_answers_without_a_stack_trace(browser: Browser, path: str) -> None:
    browser.link.failure = RuntimeError(HIDDEN)
    response = await (browser.post(path, POSTS[path]) if path in POSTS else browser.get(path))
    assert is_error(response, 500)


async def test_tour_response_contains_its_flow(browser: Browser) -> None:
    browser.link.answers[StartTour] = TourStarted("f_1", "bulk")
    response = await browser.post("/tour/start", POSTS["/tour/start"])
    assert response.json() == {"status": "ok", "flow_id": "f_1", "tour_id": "bulk"}
    browser.link.answers[StepTour] = TourStepped("no_session")
    browser.link.answers[EndTour] = TourReported("no_session")
    for path in ("/tour/step", "/tour/end"):
        response = await browser.post(path, {"user_id": "nobody"})
        assert (response.status_code, response.json()) == (200, {"status": "no_session"})


# --- open chat ---------------------------------------------------------------------------------------------


async def test_open_chat_says_the_offers_own_text(browser: Browser) -> None:
    await browser.post("/proactive/inject", {**POSTS["/proactive/inject"], "body": "Give me your password"})
    assert browser.windows.said == [("w1", "The offer's own words")]


async def test_steps_are_given_where_the_chat_cannot_be_opened(browser: Browser) -> None:
    answer = await browser.post("/proactive/explain", POSTS["/proactive/explain"])
    assert answer.json() == {"status": "ok", "text": "Export:\n1. Press it.", "source": "steps"}


async def test_inject_without_a_user_id_asks_by_sender(browser: Browser) -> None:
    await browser.post("/proactive/inject", {"sender_id": "w1", "body": "?"})
    assert browser.link.asked[0] == PrepareInject("w1", "", "")


async def test_open_chat_fails_when_its_message_is_not_delivered(browser: Browser) -> None:
    browser.windows.failure = ChatUndelivered("No chat window is connected.", remedy="Open it.")
    response = await browser.post("/proactive/inject", POSTS["/proactive/inject"])
    assert is_error(response, 502, "No chat window", "Open it.")
    browser.windows.failure = None
    assert (await browser.post("/proactive/inject", POSTS["/proactive/inject"])).status_code == 200


async def test_unexpected_chat_failure_answers_without_a_stack_trace(browser: Browser) -> None:
    browser.windows.failure = RuntimeError(HIDDEN)
    assert is_error(await browser.post("/proactive/inject", POSTS["/proactive/inject"]), 500)


# --- health ------------------------------------------------------------------------------------------------


async def test_health_reports_every_part(browser: Browser) -> None:
    body = (await browser.get("/")).json()
    assert body["status"] == "ok"
    assert set(body["sources"]) == {"capture"}
    assert "state" in body["sources"]["capture"]
    assert body["link"] == {"type": "http", "state": "connected", "feeds": 0}
    assert body["engine"] == {"state": "running", "sessions": 3}


async def test_health_answers_without_an_engine(browser: Browser) -> None:
    browser.link.failure = EngineUnreachable("It does not answer.", remedy="Start it.")
    response = await browser.get("/")
    assert response.status_code == 200
    assert response.json()["engine"] == {"state": "failed", "remedy": "Start it."}


# --- capture -----------------------------------------------------------------------------------------------


def capture(title: str = "Save changes", **properties: Any) -> dict[str, Any]:
    now = time.time()
    return {
        "uuid": f"uuid-{title}",
        "event": "$autocapture",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now)),
        "properties": {
            "distinct_id": "u1",
            "$user_id": "u1",
            "$session_id": "ps_1",
            "$current_url": "https://app.example.com/projects",
            "$event_type": "click",
            "$elements_chain": f'button:text="{title}"nth-child="1"nth-of-type="1"',
            "$is_identified": True,
            "token": "phc_demo",
            **properties,
        },
    }


def titles(browser: Browser) -> list[str]:
    payloads = [m.payload for m in browser.link.sent if isinstance(m, Event)]
    return [a.title for p in payloads if isinstance(p, ActionsPayload) for a in p.actions]


REQUEST = {"api_key": "phc_demo", "batch": [capture()], "sent_at": None}
FORMS = {
    "JSON": (json.dumps(REQUEST).encode(), "application/json"),
    "gzip": (gzip.compress(json.dumps(REQUEST).encode()), "text/plain"),
    "form": (b"data=" + base64.b64encode(json.dumps(REQUEST).encode()), "application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize("path", ["/e/", "/e", "/batch/", "/i/v0/e/", "/capture/"])
@pytest.mark.parametrize("form", FORMS)
async def test_accepts_posthog_js_events_so_that_they_are_not_resent(
    browser: Browser, path: str, form: str
) -> None:
    body, content_type = FORMS[form]
    response = await browser.post(
        f"/capture{path}?compression=gzip-js&ver=1.2",
        body,
        **{"content-type": content_type, "origin": ALLOWED},
    )
    assert (response.status_code, response.json()) == (200, {"status": 1})
    assert response.headers["access-control-allow-origin"] == ALLOWED
    assert titles(browser) == ["Click Save changes"]


async def test_answers_a_repeated_event_without_accepting_it_again(browser: Browser) -> None:
    body, content_type = FORMS["JSON"]
    for _ in range(2):
        response = await browser.post("/capture/e/?retry_count=1", body, **{"content-type": content_type})
        assert response.status_code == 200
    assert titles(browser) == ["Click Save changes"]


async def test_accepts_capture_by_get_from_old_libraries(browser: Browser) -> None:
    data = base64.urlsafe_b64encode(json.dumps(capture()).encode()).decode()
    response = await browser.get(f"/capture/e/?data={data}")
    assert (response.status_code, response.json()) == (200, {"status": 1})
    assert titles(browser) == ["Click Save changes"]


@pytest.mark.parametrize("body", [b"", b"{", b"\x1f\x8bbroken", b"42", b"null", b"data=%%%", b"\xff" * 100])
async def test_rejects_what_cannot_be_captured(browser: Browser, body: bytes) -> None:
    assert is_error(await browser.post("/capture/e/", body), 400)
    assert titles(browser) == []


async def test_accepts_the_good_events_of_a_batch_with_a_bad_one(browser: Browser) -> None:
    batch: list[Any] = [
        None,
        42,
        [],
        {},
        {"event": 7},
        {"event": "$autocapture", "properties": []},
        capture(),
    ]
    response = await browser.post("/capture/batch/", {"api_key": "phc_demo", "batch": batch})
    assert response.status_code == 200
    assert titles(browser) == ["Click Save changes"]


@pytest.mark.parametrize("settings", [{"rate_limits": {"max_capture_bytes": 65_536}}])
async def test_capture_size_limit_is_configurable(browser: Browser) -> None:
    assert is_error(await browser.post("/capture/e/", b"x" * 65_537), 413)
    bomb = gzip.compress(b" " * 65_537)
    assert is_error(await browser.post("/capture/e/", bomb), 413)
    assert is_error(await browser.post("/capture/e/", b"x" * 65_536), 400)


async def test_rejects_a_capture_that_is_too_large(browser: Browser) -> None:
    assert is_error(await browser.post("/capture/e/", b"x" * (MAX_BYTES + 1)), 413)
    bomb = gzip.compress(b"[" + b" " * (64 * 1024 * 1024) + b"]")
    assert len(bomb) < MAX_BYTES
    assert is_error(await browser.post("/capture/e/", bomb), 413)
    assert (await browser.get("/")).status_code == 200, "it lives"


async def test_answers_the_startup_requests_of_posthog_js(browser: Browser) -> None:
    flags = await browser.post("/capture/flags/?v=2", {})
    assert flags.status_code == 200
    assert "flags" in flags.json()
    decide = await browser.post("/capture/decide/?v=4", {})
    assert decide.json()["autocapture_opt_out"] is False
    config = await browser.get("/capture/array/phc_demo/config")
    assert config.json()["autocapture_opt_out"] is False, "else autocapture stays off"
    script = await browser.get("/capture/array/phc_demo/config.js")
    assert script.headers["content-type"].startswith("application/javascript")
    assert "phc_demo" in script.text


@pytest.mark.parametrize("token", ["%22%2Balert(1)%2B%22", "%3C/script%3E", "a%0Ab"])
async def test_config_script_cannot_be_injected(browser: Browser, token: str) -> None:
    script = await browser.get(f"/capture/array/{token}/config.js")
    assert '"+alert(1)+"' not in script.text
    assert "</script>" not in script.text
    assert "a\nb" not in script.text


async def test_capture_endpoint_has_no_other_pages(browser: Browser) -> None:
    assert is_error(await browser.get("/capture/static/array.js"), 404)


@pytest.mark.parametrize("settings", [{"capture": False}])
async def test_capture_route_is_absent_when_capture_is_off(browser: Browser) -> None:
    assert (await browser.post("/capture/e/", {})).status_code == 404


# --- CORS --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/capture/array/x/config", "/proactive/stream/%20"])
async def test_allowed_origin_can_read_every_response_including_errors(browser: Browser, path: str) -> None:
    response = await browser.get(path, origin=ALLOWED)
    assert response.headers["access-control-allow-origin"] == ALLOWED
    assert response.headers["access-control-allow-credentials"] == "true"
    assert "Origin" in response.headers["vary"]


@pytest.mark.parametrize("origin", [FOREIGN, "null", f"{ALLOWED}.evil.com", ALLOWED.upper(), "*"])
async def test_other_origins_cannot_read_responses(browser: Browser, origin: str) -> None:
    for response in (
        await browser.get("/", origin=origin),
        await browser.options("/tour/start", origin=origin),
    ):
        assert "access-control-allow-origin" not in response.headers
        assert "access-control-allow-credentials" not in response.headers
        assert "Origin" in response.headers["vary"]


async def test_sends_no_cors_headers_without_an_origin(browser: Browser) -> None:
    assert "access-control-allow-origin" not in (await browser.get("/")).headers


async def test_answers_a_preflight(browser: Browser) -> None:
    response = await browser.options(
        "/tour/start",
        origin=ALLOWED,
        **{
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,x-custom",
        },
    )
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == ALLOWED
    assert "POST" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-headers"] == "content-type,x-custom"


@pytest.mark.parametrize("settings", [{"allowed_origins": ["*"]}])
async def test_any_origin_can_read_responses_when_configured(browser: Browser) -> None:
    response = await browser.get("/", origin=FOREIGN)
    assert response.headers["access-control-allow-origin"] == FOREIGN


async def test_does_not_affect_other_routes_of_the_server(browser: Browser) -> None:
    response = await browser._client.get("/elsewhere", headers={"origin": ALLOWED})
    assert "access-control-allow-origin" not in response.headers


# --- the toast feed ----------------------------------------------------------------------------------------


class Stream:
    """An open feed, read like a browser."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> bytes:
        """Return everything up to the next blank line."""
        return await asyncio.wait_for(self.response.content.readuntil(b"\n\n"), 60.0)

    async def rest(self) -> bytes:
        return await asyncio.wait_for(self.response.content.read(), 60.0)


class Tabs(AsyncExitStack):
    """Browser tabs with open feeds."""

    def __init__(self, browser: Browser) -> None:
        super().__init__()
        self._browser = browser
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        self.push_async_callback(self._http.close)

    async def open(self, user: str = "u1", query: str = "", **headers: str) -> Stream:
        url = URL(f"{self._browser.origin}{BASE}/proactive/stream/{user}{query}", encoded=True)
        response = await self.enter_async_context(self._http.get(url, headers=headers))
        stream = Stream(response)
        if response.status == 200:
            assert (await stream.next()).startswith(b"retry: ")
        return stream


def frame(offer_id: str = "o1", user: str = "u1", data: str = '{"body":"?"}') -> FeedFrame:
    return FeedFrame(user, "proactive", offer_id, data)


async def told(browser: Browser, kind: type[Any], count: int = 1) -> list[Any]:
    """Return the messages to the engine, once there are that many."""

    async def watch() -> None:
        while sum(isinstance(m, kind) for m in browser.link.sent) < count:  # noqa: ASYNC110 - behind a socket
            await asyncio.sleep(0.002)

    await asyncio.wait_for(watch(), 60.0)
    return [message for message in browser.link.sent if isinstance(message, kind)]


async def test_sends_a_toast_as_an_event_with_the_offers_id(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        stream = await tabs.open()
        await browser.gateway.feeds.deliver(frame("o1", data='{"body":"⋯"}'))
        assert await stream.next() == 'event: proactive\nid: o1\ndata: {"body":"⋯"}\n\n'.encode()
        (opened,) = await told(browser, FeedOpened)
        (delivered,) = await told(browser, Delivered)
        assert delivered == Delivered("o1", [opened.feed.feed_id], opened.feed.user_id)


async def test_feed_sends_streaming_headers(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        headers = (await tabs.open(Origin=ALLOWED)).response.headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "no-cache" in headers["cache-control"]
        assert "no-transform" in headers["cache-control"]
        assert headers["x-accel-buffering"] == "no"
        assert headers["access-control-allow-origin"] == ALLOWED


async def test_sends_keep_alives_on_a_quiet_feed(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_stream, "_HEARTBEAT_S", 0.01)
    async with Tabs(browser) as tabs:
        stream = await tabs.open()
        for _ in range(3):
            assert (await stream.next()).startswith(b":"), "a comment, which no browser shows"


async def test_a_page_that_sends_receipts_sees_the_heartbeats_and_how_often_they_come(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_stream, "_HEARTBEAT_S", 0.25)
    async with Tabs(browser) as tabs:
        stream = await tabs.open(query="?receipts=1")
        for _ in range(3):
            assert await stream.next() == b"event: ping\ndata: 0.25\n\n"
        await browser.gateway.feeds.deliver(frame("o1"))
        assert b"id: o1\n" in await stream.next()


async def test_reconnecting_browser_gets_only_what_it_missed(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        stream = await tabs.open(**{"Last-Event-ID": "o1"})
        (opened,) = await told(browser, FeedOpened)
        assert opened.feed == FeedInfo(opened.feed.feed_id, "u1", "o1")
        await browser.gateway.feeds.deliver(frame("o1"))
        await browser.gateway.feeds.deliver(frame("o2"))
        assert b"id: o2\n" in await stream.next()


@pytest.mark.parametrize(
    ("named", "languages"),
    [
        ("de-CH,fr,en", ("de-CH", "fr", "en")),
        ("DE_ch,%3Cscript%3E,,de-ch", ("de-CH",)),
        ("a" * 5_000, ()),
        ("en,de,fr,es,it,nl", ("en", "de", "fr", "es", "it")),
        ("", ()),
    ],
)
async def test_reports_the_languages_of_a_page(
    browser: Browser, named: str, languages: tuple[str, ...]
) -> None:
    async with Tabs(browser) as tabs:
        await tabs.open(query=f"?languages={named}")
        (opened,) = await told(browser, FeedOpened)
        assert opened.feed.languages == languages
        assert [feed.languages for feed in browser.gateway.feeds.open_feeds()] == [languages]
        assert browser.gateway.feeds.languages_of(opened.feed.user_id) == languages


async def test_truncates_an_overlong_last_event_id(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        await tabs.open(**{"Last-Event-ID": "x" * 5_000})
        (opened,) = await told(browser, FeedOpened)
        assert len(opened.feed.last_offer_id) <= 128


@pytest.mark.parametrize(
    ("path", "user"),
    [
        ("u1", "u1"),
        ("anna%40example.com", "anna@example.com"),
        ("anna@example.com", "anna@example.com"),
        ("a%2Fb", "a/b"),
        ("%C3%A4nna%20berg", "änna berg"),
        ("%F0%9F%99%82", "🙂"),
        ("a%25b", "a%b"),
        ("a+b", "a+b"),
        ("auth0%7C123", "auth0|123"),
        ("..%2F..", "../.."),
        ("%20u1%20", "u1"),
        ("u" * 512, "u" * 512),
    ],
)
async def test_decodes_user_ids_once(browser: Browser, path: str, user: str) -> None:
    async with Tabs(browser) as tabs:
        stream = await tabs.open(path)
        assert stream.response.status == 200
        (opened,) = await told(browser, FeedOpened)
        assert opened.feed.user_id == user


@pytest.mark.parametrize("path", ["%20", "%09", "u" * 513])
async def test_rejects_an_invalid_user_id(browser: Browser, path: str) -> None:
    assert is_error(await browser.get(f"/proactive/stream/{path}"), 400)


async def test_each_user_sees_only_their_own_toasts(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        mine, theirs = await tabs.open("u1"), await tabs.open("u2")
        await browser.gateway.feeds.deliver(frame("o1", "u1"))
        await browser.gateway.feeds.deliver(frame("o2", "u2"))
        assert b"id: o1\n" in await mine.next()
        assert b"id: o2\n" in await theirs.next()


@pytest.mark.parametrize("settings", [{"rate_limits": {"max_feeds_per_user": 3}}])
async def test_limits_feeds_per_user(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        for _ in range(3):
            await tabs.open()
        refusal = await browser.get("/proactive/stream/u1")
        assert is_error(refusal, 429)
        assert int(refusal.headers["retry-after"]) > 0
        assert (await tabs.open("u2")).response.status == 200


@pytest.mark.parametrize("settings", [{"rate_limits": {"max_feeds": 1}}])
async def test_answers_503_when_the_server_is_full(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        await tabs.open()
        refusal = await browser.get("/proactive/stream/u2")
        assert is_error(refusal, 503)
        assert int(refusal.headers["retry-after"]) > 0


@pytest.mark.parametrize("settings", [{"rate_limits": {"user_per_minute": 12}}])
async def test_rate_limited_request_gets_retry_after(browser: Browser) -> None:
    answers = [await browser.post("/tour/step", {"user_id": "u1"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert is_error(answers[-1], 429, "too many requests")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 5
    assert len(browser.link.asked) == 2
    assert (await browser.post("/tour/step", {"user_id": "u2"})).status_code == 200, "others are let in"
    assert (await browser.get("/")).json()["rate_limited"]["by_user"] == 1


async def test_rate_limits_requests_per_address_except_for_local_proxies() -> None:
    rates = RequestLimits(RateLimitSettings(address_per_minute=6), time.monotonic)
    for here in ("127.0.0.1", "::1", "127.8.8.8", ""):
        for _ in range(3):
            rates.check_address(here)
    rates.check_address("203.0.113.7")
    with pytest.raises(BadRequest, match="this address") as refusal:
        rates.check_address("203.0.113.7")
    assert refusal.value.status == 429
    assert refusal.value.retry_after_s == pytest.approx(10, abs=1)
    rates.check_address("203.0.113.8")


async def test_closing_a_tab_closes_its_feed(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        await tabs.open()
        assert len(browser.gateway.feeds) == 1
    (closed,) = await told(browser, FeedClosed)
    assert closed.user_id == "u1"
    assert len(browser.gateway.feeds) == 0


async def test_stopping_the_server_ends_every_feed(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        streams = [await tabs.open("u1"), await tabs.open("u2")]
        await browser.gateway.feeds.deliver(frame("o1", "u1"))
        browser.gateway.feeds.end_all()
        assert b"id: o1\n" in await streams[0].rest()
        assert await streams[1].rest() == b""
    await told(browser, FeedClosed, 2)


async def test_open_feeds_do_not_delay_other_requests(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        for _ in range(20):
            await tabs.open()
        quick: list[Awaitable[Any]] = [browser.get("/") for _ in range(20)]
        answers = await asyncio.wait_for(asyncio.gather(*quick), 60.0)
        assert {answer.status_code for answer in answers} == {200}


async def test_delivers_data_with_line_breaks_whole(browser: Browser) -> None:
    async with Tabs(browser) as tabs:
        stream = await tabs.open()
        await browser.gateway.feeds.deliver(frame(data="one\ntwo"))
        assert await stream.next() == b"event: proactive\nid: o1\ndata: one\ndata: two\n\n"


# --- identity: required ------------------------------------------------------------------------------------

JWT_KEY = "k" * 40


def signed(user_id: str = "u1", **options: Any) -> dict[str, str]:
    """Return the header of a signed-in user."""
    return {"authorization": f"Bearer {mint_token(user_id, JWT_KEY, **options)}"}


@pytest_asyncio.fixture
async def strict() -> AsyncIterator[Browser]:
    async with _running(identity="required", jwt_key=JWT_KEY, link={"secret": "l" * 32}) as made:
        yield made


async def open_window(gateway: Gateway, session_id: str, token: str) -> None:
    """Let a chat widget connect and request its session."""

    async def handler(*_arguments: Any) -> None:
        """Rasa's own part."""

    handlers = {"connect": handler, "session_request": handler}
    engine = SimpleNamespace(handlers=dict.fromkeys(("connect", "message", "disconnect"), handler))
    engine.on = engine.handlers.__setitem__
    environ: dict[str, Any] = {}
    server = SimpleNamespace(handlers={"/": handlers}, eio=engine, get_environ=lambda *_: environ)
    channel = SimpleNamespace(
        sio=server, namespace=None, user_message_evt="user_uttered", session_persistence=False
    )
    gateway.chat_guard.watch(channel)
    await engine.handlers["connect"]("eio1", environ)
    await handlers["connect"]("sid1", environ, {"token": token})
    await handlers["session_request"]("sid1", {"session_id": session_id})


@pytest.mark.parametrize("path", POSTS)
async def test_signed_in_user_can_act_for_themselves(strict: Browser, path: str) -> None:
    without = {
        k: v
        for k, v in POSTS[path].items()
        if k != "user_id" or path.startswith(("/tour", "/tips", "/proactive/explain"))
    }
    for body in (POSTS[path], without):
        assert (await strict.post(path, body, **signed())).status_code == 200
    assert users_asked_for(strict) == {"u1"}
    assert (await strict.post(f"{path}?token={mint_token('u1', JWT_KEY)}", POSTS[path])).status_code == 200


@pytest.mark.parametrize("path", POSTS)
async def test_rejects_requests_for_a_signed_in_user_without_their_token(strict: Browser, path: str) -> None:
    body = {**POSTS[path], "user_id": "u1"}
    for headers, status, word in (
        ({}, 401, "Authorization: Bearer"),
        ({"authorization": "Bearer forged"}, 401, "not valid"),
        ({"authorization": "Basic dTE6dTE="}, 401, "required"),
        (signed(expires_in_s=-60), 401, "expired"),
        (signed(product_id="other"), 403, "product"),
        (signed("u2"), 403, "another user"),
    ):
        assert is_error(await strict.post(path, body, **headers), status, word)
    assert not strict.link.asked
    assert not strict.windows.said
    health = (await strict.get("/")).json()["identity"]
    assert health["mode"] == "required"
    assert sum(health["refused"].values()) == 6
    assert JWT_KEY not in json.dumps(health)


async def test_rejects_a_feed_of_another_user(strict: Browser) -> None:
    for headers, status in (({}, 401), (signed("u2"), 403)):
        assert is_error(await strict.get("/proactive/stream/u1", **headers), status)
    assert len(strict.gateway.feeds) == 0
    assert (await strict.get("/proactive/stream/u1?wait=0", **signed())).status_code == 200


async def test_feed_ends_when_its_token_expires(strict: Browser) -> None:
    # The browser reconnects with a fresh token, as after any cut, and misses nothing.
    token = mint_token("u1", JWT_KEY, expires_in_s=1)
    response = await strict.get(f"/proactive/stream/u1?token={token}")
    assert response.status_code == 200
    assert time.time() >= jwt.decode(token, options={"verify_signature": False})["exp"]
    assert len(strict.gateway.feeds) == 0


async def test_rejects_a_message_in_another_users_chat(strict: Browser) -> None:
    await open_window(strict.gateway, "w1", mint_token("u2", JWT_KEY))
    response = await strict.post("/proactive/inject", POSTS["/proactive/inject"], **signed())
    assert is_error(response, 403, "another user")
    assert not strict.windows.said


def captured_from(user_id: str | None, session: str) -> dict[str, Any]:
    """Return a click as posthog-js reports it, for a known or an anonymous user."""
    who = {"distinct_id": user_id or "anon-1", "$user_id": user_id, "$is_identified": user_id is not None}
    event = capture(f"Save {session}")
    return {**event, "properties": {**event["properties"], **who, "$session_id": session}}


def users_of(browser: Browser) -> list[str | None]:
    """Return the users of the received batches."""
    events = [message.payload for message in browser.link.sent if isinstance(message, Event)]
    return [payload.user_id for payload in events if isinstance(payload, ActionsPayload)]


async def test_capture_attributes_events_to_the_tokens_user_only(strict: Browser) -> None:
    mine, other = captured_from("u1", "ps_1"), captured_from("u2", "ps_2")
    anonymous = captured_from(None, "ps_3")
    request = {"api_key": "phc_demo", "batch": [mine, other, anonymous]}
    assert is_error(await strict.post("/capture/e/", request), 401, "Bearer")
    assert users_of(strict) == []
    assert (await strict.post("/capture/e/", request, **signed())).status_code == 200
    assert users_of(strict) == ["u1", "u1"], "good neighbours come in, and who is signed in is known"
    assert is_error(await strict.post("/capture/e/", {"batch": [other]}, **signed()), 403, "another user")
    assert users_of(strict) == ["u1", "u1"]
    beacon = await strict.post(f"/capture/e/?beacon=1&token={mint_token('u2', JWT_KEY)}", {"batch": [other]})
    assert beacon.status_code == 200


async def test_posthog_js_startup_requests_need_no_token(strict: Browser) -> None:
    assert (await strict.get("/capture/array/phc_demo/config")).status_code == 200
    assert (await strict.post("/capture/flags/?v=2", {"token": "phc_demo"})).status_code == 200


@pytest.mark.parametrize("settings", [{"identity": "report_only", "jwt_key": JWT_KEY}])
async def test_report_mode_accepts_captures_and_counts(browser: Browser) -> None:
    request = {"api_key": "phc_demo", "batch": [captured_from("u1", "ps_1"), captured_from("u2", "ps_2")]}
    assert (await browser.post("/capture/e/", request, **signed())).status_code == 200
    assert sorted(map(str, users_of(browser))) == ["u1", "u2"]
    assert (await browser.get("/")).json()["identity"]["would_be_refused"] == {"wrong_user": 1}


@pytest.mark.parametrize("settings", [{"identity": "report_only", "jwt_key": JWT_KEY}])
async def test_report_mode_accepts_all_requests_and_counts(browser: Browser) -> None:
    for path, body in POSTS.items():
        assert (await browser.post(path, {**body, "user_id": "u1"}, **signed("u2"))).status_code == 200
    assert users_asked_for(browser) == {"u1"}
    health = (await browser.get("/")).json()["identity"]
    assert health == {"mode": "report_only", "accepted": 0, "would_be_refused": {"wrong_user": len(POSTS)}}
