"""The checks of running servers: each finds its fault, and reports nothing about a healthy pair."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.processes import free_port

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.gateway.studio.health_problems import none
from rasa_autoplay.tools.doctor.feed_timing import FeedTiming
from rasa_autoplay.tools.doctor.health_request import Running, ask
from rasa_autoplay.tools.doctor.live import HEALTH_CHECKS, SERVER_CHECKS
from rasa_autoplay.tools.doctor.project import Project

LIVE_CHECKS = (*SERVER_CHECKS, *HEALTH_CHECKS)
NOW = 1_700_000_000.0
ORIGIN = "http://localhost:3000"
CAPTURE = {
    "state": "connected",
    "accepted": 80,
    "page_views": 9,
    "anonymous": 12,
    "held_back": 3,
    "last_event_at": NOW - 4,
    "last_event_age_s": 4.0,
}
WELL: dict[str, Any] = {
    "identity": {"mode": "required", "accepted": 5},
    "sources": {"capture": CAPTURE},
    "link": {"state": "connected", "feeds": 1},
    "engine": {
        "state": "running",
        "offers": 2,
        "memory": {"state": "connected"},
        "unknown_tours": 0,
        "tours_aborted": {},
    },
}
PROJECT = Project(
    folder=Path(),
    python=(3, 10),
    packages={},
    environment={},
    credentials={"rasa_autoplay.channel.AutoplayInput": {"allowed_origins": [ORIGIN, "*"]}},
    endpoints={"action_endpoint": {"url": "http://user:pw@localhost:5055/webhook"}},
    engine={},
    domain=Path("domain.yml"),
    data=Path("data"),
)
RUNNING = Running(PROJECT, "", WELL, {ORIGIN: True}, 0.0, reaches_actions=True, feed=FeedTiming(0.01))
PROBLEM = {"path": "export", "step": "menu", "selector": "#menu", "page": "/reports", "times": 2}
SUSPECT = {"path": "export", "step": "menu", "text": "users no longer do it"}


def _with(**parts: Any) -> Running:
    return replace(RUNNING, health={**WELL, **parts})


def _engine(**counts: Any) -> Running:
    return _with(engine={**WELL["engine"], **counts})


PROXY = {"state": "addresses_ignored", "error": "addresses are ignored", "remedy": "Set SANIC_PROXIES_COUNT."}

TRAPS: list[tuple[str, Running, str]] = [
    ("feed delay", replace(RUNNING, feed=FeedTiming(short_s=1.1)), "a proxy holds streams back"),
    ("feed delay", replace(RUNNING, feed=FeedTiming()), "nor did a feed of one second"),
    ("feed delay", replace(RUNNING, feed=FeedTiming(4.2)), "came after 4.2 s"),
    ("feed delay", replace(RUNNING, feed=FeedTiming(0.1, is_compressed=True)), "compresses the feed"),
    ("feed delay", replace(RUNNING, feed=FeedTiming(refusal=401)), "was not timed"),
    ("feed delay", replace(RUNNING, feed=FeedTiming(refusal=302)), "answers 302 to a feed"),
    ("addresses", _with(proxy=PROXY), "addresses are ignored"),
    ("consent", _with(consent={"unfinished_withdrawals": 2}), "2 withdrawals of consent are not finished"),
    ("consent", _with(consent={"dropped": {"unanswered": 3}}), "3 events were dropped"),
    ("consent", _with(consent={"remedy": "start it"}), "does not say which users have given consent"),
    ("server", replace(RUNNING, problem="no answer", health={}), "no answer"),
    ("action server", replace(RUNNING, reaches_actions=False), "nothing listens at localhost:5055"),
    (
        "link",
        _with(link={"state": "connecting", "remedy": "do this"}),
        "the link to the engine is connecting",
    ),
    ("engine", _with(engine={"state": "failed"}), "the engine is failed"),
    ("engine", _with(engine={"state": "running", "memory": {"state": "failed"}}), "memory has failed"),
    (
        "engine",
        _with(engine={"state": "running", "engines": {"e1": {"memory": {"state": "failed"}}}}),
        "memory of e1 has failed",
    ),
    ("loaded files", _engine(configuration={"problem": "autoplay.yml:3: wrong."}), "autoplay.yml:3: wrong"),
    ("offers", _with(engine={"state": "running", "engines": {"e1": {"offers": 0}, "e2": {}}}), "no trigger"),
    (
        "second source",
        _with(engine={"state": "running", "engines": {"e1": {"duplicate_source": 3}, "e2": {}}}),
        "3 actions",
    ),
    ("events", _with(sources={"stream": {"state": "failed", "remedy": "renew it"}}), "stream has failed"),
    ("events", _with(sources={"push": {"state": "connected", "remedy": "quiet"}}), "push is connected"),
    ("second source", _with(engine={"state": "running", "duplicate_source": 7}), "7 actions"),
    (
        "pages seen",
        _with(sources={"capture": {**CAPTURE, "page_views": 0}}),
        "80 actions arrived, and none of them is a page view",
    ),
    (
        "page settings",
        _with(sources={"capture": {**CAPTURE, "hints": ["none of 3 clicks has a text. Leave out x."]}}),
        "capture: none of 3 clicks has a text",
    ),
    (
        "known users",
        _with(sources={"capture": {**CAPTURE, "anonymous": 80}}),
        "all 80 actions come from anonymous visitors",
    ),
    ("delay", _with(sources={"capture": {**CAPTURE, "held_back": 21}}), "held back 21 of 80 actions"),
    ("offers", _with(engine={"state": "running"}), "no trigger has fired"),
    ("offers heard", _engine(offers_undelivered=4), "4 offers expired"),
    ("traces", _engine(tracing={"state": "failed"}), "traces of the engine are lost"),
    ("traces", _with(tracing={"state": "failed", "remedy": "x"}), "traces of the Rasa server are lost"),
    (
        "offers heard",
        _engine(offers_undelivered=4, offers_undelivered_id_mismatch=2),
        "2 offers reached no page",
    ),
    ("chat users", _engine(chat_without_session=5), "5 chat messages"),
    ("chat windows", _engine(chat_open_failed=1), "Open chat failed 1 times"),
    ("tours", _engine(tours_aborted={"export": 3}), "the tour 'export' stopped early 3 times"),
    (
        "tours",
        _engine(tour_problems=[{**PROBLEM, "problem": "missing"}]),
        "of the path 'export': '#menu' has no visible element there",
    ),
    ("tours", _engine(tour_problems=[{**PROBLEM, "problem": "invalid"}]), "'#menu' is not a CSS selector"),
    ("tours", _engine(unknown_tours=1, tour_orders_for_unknown_tours=2), "3 requested tours"),
    (
        "freshness",
        _engine(freshness={"suspects": [SUSPECT]}),
        "the step 'menu' of the path 'export' is susp",
    ),
    (
        "clock",
        _with(sources={"stream": {"accepted": 1, "clock_ahead": 9}}),
        "9 actions have timestamps in the future",
    ),
    ("events", _with(sources={"capture": {**CAPTURE, "keyless": 2}}), "2 requests had no project key"),
    ("events", _with(sources={"capture": {**CAPTURE, "refused": 4}}), "4 requests with a wrong key"),
    (
        "promotion",
        _engine(promotion={"looked_at": 1.0, "steps": 0, "problem": "p: autoplay.yml cannot be written."}),
        "proposals cannot be promoted: p: autoplay.yml cannot be written",
    ),
    ("outcomes", _engine(outcomes={"webhook": {"state": "gone", "waiting": 3}}), "410 Gone"),
    (
        "outcomes",
        _engine(outcomes={"webhook": {"state": "down", "problem": "it answers 503", "waiting": 3}}),
        "webhook does not accept outcomes: it answers 503. 3 wait",
    ),
    (
        "outcomes",
        _engine(outcomes={"posthog": {"state": "ok", "failed": 2}}),
        "2 outcomes for posthog",
    ),
    ("outcomes", _engine(outcomes={"posthog": {"state": "ok", "dropped": 2}}), "were deleted"),
    ("outcomes", _with(event_broker={"problem": "it is not connected"}), "it is not connected"),
    ("recording", _engine(recording={"state": "failed"}), "sessions cannot be recorded"),
    ("recording", _engine(recording={"state": "recording", "dropped": 3}), "3 entries of the recording"),
    ("source limits", _engine(not_shown={"stream": {"triggers": 1, "steps": 2}}), "stream cannot show"),
    ("refused origins", _with(origins={"refused": {"https://app.test": 2}}), "pages of https://app.test"),
    ("refused origins", _with(origins={"refused": {}, "refused_others": 7}), "7 more requests"),
    ("silent pages", _engine(silent_users=1, connected_users=1), "1 user had a page open"),
    ("silent pages", _engine(silent_users=3, connected_users=40), "3 of 40 users with an open page"),
    (
        "toasts in time",
        _with(seen={"receipt": {"count": 8}, "late_receipt": {"count": 4}}),
        "4 of the toasts",
    ),
    ("toasts in time", _with(seen={"short_feed": {"count": 4}, "feed": {"count": 1}}), "4 times for a feed"),
    ("tokens", _with(identity={"mode": "none"}), "identity is none"),
    ("origins let in", replace(RUNNING, allowed={ORIGIN: False}), f"pages of {ORIGIN}"),
    ("clock", replace(RUNNING, skew_s=-42.0), "by -42 s"),
    ("tokens", _with(identity={"mode": "required", "refused": {"expired": 3}}), "refused: 3 expired"),
    (
        "tokens",
        _with(identity={"mode": "report_only", "would_be_refused": {"no_token": 1}}),
        "would be refused",
    ),
]


def test_finds_nothing_in_a_healthy_pair() -> None:
    assert [problem for check in LIVE_CHECKS for problem in check.run(RUNNING)] == []


def test_finds_nothing_with_several_healthy_engines() -> None:
    engines = {"e1": {"memory": {"state": "connected"}}, "e2": {"held_by_cooldown": 1}}
    several = _with(engine={"state": "running", "engines": engines})
    assert [problem for check in LIVE_CHECKS for problem in check.run(several)] == []


@pytest.mark.parametrize(("name", "running", "found"), TRAPS)
def test_finds_and_names_each_fault(name: str, running: Running, found: str) -> None:
    check = next(check for check in LIVE_CHECKS if check.name == name)
    problems = list(check.run(running))
    assert any(found in problem.found for problem in problems), problems
    assert all(problem.remedy for problem in problems)
    assert not any("pw" in problem.found for problem in problems)


def test_every_check_has_a_failing_case() -> None:
    in_test_pauses = {"pauses in force"}
    only_observe = {check.name for check in HEALTH_CHECKS if check.run is none}
    assert only_observe == {"language model", "embeddings", "script loaded", "feeds"}
    found = {name for name, _, _ in TRAPS} | in_test_pauses | only_observe
    assert found == {check.name for check in LIVE_CHECKS}


def test_counts_held_triggers_as_fired() -> None:
    held = _with(engine={"state": "running", "held_by_quiet_hours": 1})
    assert [problem for check in LIVE_CHECKS for problem in check.run(held)] == []


class _Server(BaseHTTPRequestHandler):
    answer: tuple[int, bytes] = (200, b"")

    def do_GET(self) -> None:
        status, body = self.answer if self.path == "/webhooks/autoplay/" else (404, b"")
        self.send_response(status)
        if self.headers.get("Origin") == ORIGIN:
            self.send_header("Access-Control-Allow-Origin", ORIGIN)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Discard output."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(_Server, "answer", (200, json.dumps(WELL).encode()))
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def _project(*origins: str, endpoint: str) -> Project:
    channel = {"allowed_origins": list(origins)}
    return replace(
        PROJECT,
        credentials={"rasa_autoplay.channel.AutoplayInput": channel},
        endpoints={"action_endpoint": {"url": endpoint}},
    )


def test_reads_health_origins_and_clock_from_the_server(server: str) -> None:
    running = ask(f"{server}/", _project(ORIGIN, "http://other", endpoint=server), lambda: NOW + 60)
    assert running.problem == ""
    assert running.health == WELL
    assert running.allowed == {ORIGIN: True, "http://other": False}
    assert running.skew_s == -60
    assert running.reaches_actions


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((404, b""), "the server answers 404"),
        ((200, b"hello"), "does not answer"),
        ((200, b'{"status":"ok"}'), "is not the copilot's"),
        ((200, b"[]"), "is not the copilot's"),
    ],
)
def test_reports_an_invalid_health_response(
    server: str, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, bytes], problem: str
) -> None:
    monkeypatch.setattr(_Server, "answer", answer)
    running = ask(server, _project(ORIGIN, endpoint=server))
    assert problem in running.problem
    assert (running.health, running.allowed) == ({}, {})


def test_reports_an_unreachable_server() -> None:
    running = ask(f"http://127.0.0.1:{free_port()}", _project(endpoint=f"http://127.0.0.1:{free_port()}"))
    assert "does not answer" in running.problem
    assert not running.reaches_actions
    assert running.skew_s is None


@pytest.mark.parametrize("url", ["localhost:5005", "file:///etc/passwd", "http://"])
def test_rejects_an_invalid_address(url: str) -> None:
    with pytest.raises(ConfigError, match="is not an HTTP address"):
        ask(url, PROJECT)
