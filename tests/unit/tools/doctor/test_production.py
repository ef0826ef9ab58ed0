"""The production checklist: each check finds its fault, and passes a healthy project."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.redis_server import RedisServer

from rasa_autoplay.common.checks import Problem
from rasa_autoplay.tools.cli.main import main
from rasa_autoplay.tools.doctor import production
from rasa_autoplay.tools.doctor.health_request import Running
from rasa_autoplay.tools.doctor.machine import open_files_limit, redis_policy
from rasa_autoplay.tools.doctor.production import BY_HAND, PRODUCTION_CHECKS, PRODUCTION_SERVER_CHECKS
from rasa_autoplay.tools.doctor.project import Project, read_project

NAMES = [check.name for check in PRODUCTION_CHECKS] + [check.name for check in PRODUCTION_SERVER_CHECKS]
PAGE = Path(__file__).parents[4] / "docs" / "security.md"
CREDENTIALS = """\
rasa_autoplay.channel.AutoplayInput:
  product_id: demo
  capture: true
  identity: required
  jwt_key: ${JWT_KEY}
  link:
    secret: ${AUTOPLAY_LINK_SECRET}
  admin_key: ${ADMIN_KEY}
  allowed_origins: ["https://app.example.com"]
  rate_limits: {max_feeds: 1000}
rasa_autoplay.chat_channel.AutoplaySocketIOInput:
  session_persistence: true
"""
ENDPOINTS = """\
action_endpoint: {url: "http://localhost:5055/webhook"}
tracker_store: {type: SQL, dialect: postgresql}
"""
AUTOPLAY = """\
product_id: demo
session: {interaction_timeout: 60s, cooldown: 120s}
database: {url: "postgresql://user@db/autoplay"}
"""
ENVIRONMENT = {
    "JWT_KEY": "0f8c1d7e55ab20c4e1f90bb3c9d41fe7",
    "AUTOPLAY_LINK_SECRET": "1e8c1d7e55ab20c4e1f90bb3c9d41fe7",
    "ADMIN_KEY": "2d8c1d7e55ab20c4e1f90bb3c9d41fe7",
    "SANIC_PROXIES_COUNT": "1",
}


def project(
    folder: Path, change: Callable[[dict[str, str]], None] | None = None, **environment: str
) -> Project:
    """A production-ready project with one change."""
    files = {"credentials.yml": CREDENTIALS, "endpoints.yml": ENDPOINTS, "autoplay.yml": AUTOPLAY}
    if change is not None:
        change(files)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_project(folder, python=(3, 10), packages={}, environment={**ENVIRONMENT, **environment})


def found(looked_at: Project) -> dict[str, list[Problem]]:
    return {check.name: problems for check in PRODUCTION_CHECKS if (problems := list(check.run(looked_at)))}


@pytest.fixture(autouse=True)
def _many_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(production, "open_files_limit", lambda: 65_536)


def test_production_ready_project_passes(tmp_path: Path) -> None:
    assert found(project(tmp_path)) == {}


def test_engines_metrics_token_is_checked_too(tmp_path: Path) -> None:
    short, long = "abcdefghijklmnopqrst", "3f8c1d7e55ab20c4e1f90bb3c9d41fe7"
    (problem,) = found(project(tmp_path, AUTOPLAY_METRICS_TOKEN=short))["keys"]
    assert problem.found.startswith("AUTOPLAY_METRICS_TOKEN has 20 bytes")
    assert short not in f"{problem}"
    assert found(project(tmp_path, AUTOPLAY_METRICS_TOKEN=long)) == {}
    both = channel("  admin_key", "  metrics_token: ${AUTOPLAY_METRICS_TOKEN}\n  admin_key")
    assert len(found(project(tmp_path, both, AUTOPLAY_METRICS_TOKEN=short))["keys"]) == 1


def swap(name: str, old: str, new: str) -> Callable[[dict[str, str]], None]:
    def change(files: dict[str, str]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    return change


def channel(old: str, new: str) -> Callable[[dict[str, str]], None]:
    return swap("credentials.yml", old, new)


TRAPS = [
    (channel("rasa_autoplay.channel.AutoplayInput", "another"), "channel", "no section"),
    (channel("identity: required", "identity: none"), "signed users", "any browser"),
    (channel("identity: required", "identity: report_only"), "signed users", "are still accepted"),
    (channel("${ADMIN_KEY}", "2d8c1d7e55ab20c4e1f90bb3c9d41fe7"), "keys", "the value of admin_key"),
    (
        channel("admin_key", "metrics_token: abcdefghijklmnopqrst\n  admin_key"),
        "keys",
        "metrics_token has 20",
    ),
    (channel("${JWT_KEY}", "\n    - ${JWT_KEY}\n    - aaaaaaaabbbbbbbbccccccccdddddddd"), "keys", "repeats"),
    (
        channel("  capture: true", "  webhook_secret: ${NOT_SET}\n  posthog_secret: short"),
        "keys",
        "use at least 16",
    ),
    (channel("https://app", "http://app"), "sites", "not encrypted"),
    (channel("https://app.example.com", "*"), "sites", "any website"),
    (channel("https://app", "https://*"), "sites", "every matching origin"),
    (channel("https://app.example.com", "http://localhost:3000"), "sites", "own machine"),
    (channel("capture: true", "demo_page: page"), "no demo", "anyone can open"),
    (
        channel("  link:\n    secret: ${AUTOPLAY_LINK_SECRET}\n", ""),
        "engine's link",
        "link.secret is not set",
    ),
    (swap("endpoints.yml", "localhost", "actions.internal"), "engine's link", "unencrypted"),
    (
        channel("  link:\n", "  link:\n    url: http://engine.internal:5056\n"),
        "engine's link",
        "goes to engine.internal unencrypted",
    ),
    (
        swap("autoplay.yml", "postgresql://user@db/autoplay", "sqlite:///autoplay.db"),
        "database",
        "working directory",
    ),
    (
        swap("autoplay.yml", 'database: {url: "postgresql://user@db/autoplay"}', ""),
        "database",
        "working directory",
    ),
    (swap("autoplay.yml", "postgresql://user@db/autoplay", "sqlite://"), "database", "in memory"),
    (swap("autoplay.yml", "postgresql://user@db/autoplay", "sqlite:////tmp/a.db"), "database", "restart"),
    (swap("endpoints.yml", "tracker_store", "another_store"), "conversations", "loses"),
    (swap("autoplay.yml", "60s", "10s"), "pace", "interaction_timeout is 10s"),
    (channel("{max_feeds: 1000}", "{max_feeds: 100000}"), "open files", "100000 users"),
]


@pytest.mark.parametrize(
    ("change", "name", "words"), TRAPS, ids=[f"{name}: {words}" for _, name, words in TRAPS]
)
def test_each_check_finds_its_fault(
    tmp_path: Path, change: Callable[[dict[str, str]], None], name: str, words: str
) -> None:
    problems = found(project(tmp_path, change))
    if name != "channel":
        assert list(problems) == [name]
    assert any(words in problem.found for problem in problems[name]), problems
    assert all(problem.remedy for problem in problems[name])


@pytest.mark.parametrize("weak", ["short-secret-0123", "change-me-" + "0123456789abcdef" * 2, "ab" * 20])
def test_reports_a_weak_key_without_showing_it(tmp_path: Path, weak: str) -> None:
    (problem,) = found(project(tmp_path, AUTOPLAY_LINK_SECRET=weak))["keys"]
    assert problem.severity == "error"
    assert "link.secret" in problem.found
    assert weak not in problem.found + problem.remedy


def test_accepts_a_public_key_in_the_file(tmp_path: Path) -> None:
    pem = "\n    -----BEGIN PUBLIC KEY-----\n    AAAA\n    -----END PUBLIC KEY-----"
    assert found(project(tmp_path, channel("${JWT_KEY}", f"|{pem}"))) == {}


def test_reports_a_low_open_files_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(production, "open_files_limit", lambda: 1_024)
    (problem,) = found(project(tmp_path))["open files"]
    assert (problem.severity, "262 users" in problem.found) == ("error", True)
    monkeypatch.setattr(production, "open_files_limit", lambda: None)
    assert found(project(tmp_path)) == {}


def test_reads_this_machines_open_files_limit() -> None:
    limit = open_files_limit()
    assert limit is None or limit > 0


def test_warns_when_the_proxy_count_is_missing(tmp_path: Path) -> None:
    (problem,) = found(project(tmp_path, SANIC_PROXIES_COUNT=""))["proxy"]
    assert problem.severity == "warning"


ON_REDIS = channel("  rate_limits:", "  shared: {redis: '${REDIS_URL}'}\n  rate_limits:")


def test_reports_an_unreachable_redis(tmp_path: Path) -> None:
    (problem,) = found(project(tmp_path, ON_REDIS))["redis policy"]
    assert "not set here" in problem.found
    problems = found(project(tmp_path, ON_REDIS, REDIS_URL="redis://:s3cret-word@127.0.0.1:1"))[
        "redis policy"
    ]
    assert [problem.severity for problem in problems] == ["warning"]
    assert "s3cret-word" not in f"{problems}"
    problems = found(project(tmp_path, ON_REDIS, REDIS_URL="redis://127.0.0.1:1"))["redis policy"]
    assert "no password" in problems[0].found


def test_reports_a_redis_that_evicts_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer
) -> None:
    url = redis_server.url
    policy, reason = redis_policy(url)
    assert (policy, reason) == ("noeviction", "")
    monkeypatch.setattr(production, "redis_policy", lambda _url: ("allkeys-lru", ""))
    problems = found(project(tmp_path, ON_REDIS, REDIS_URL="redis://:pw@127.0.0.1:6379"))["redis policy"]
    assert "allkeys-lru" in problems[0].found


def test_checks_a_running_server_too(tmp_path: Path) -> None:
    fit = project(tmp_path)
    running = Running(fit, "", {}, {}, None, True, "https://bot.example.com", api_is_open=False)
    assert [list(check.run(running)) for check in PRODUCTION_SERVER_CHECKS] == [[], []]
    unfit = Running(fit, "", {}, {}, None, True, "http://bot.example.com", api_is_open=True)
    api, https = (next(check.run(unfit)) for check in PRODUCTION_SERVER_CHECKS)
    assert "--enable-api" in api.remedy
    assert "not encrypted" in https.found


def test_documented_checklist_equals_the_doctors() -> None:
    section = PAGE.read_text("utf-8").partition("## Production checklist")[2]
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in section.splitlines()
        if line.startswith("| ")
    ]
    named = [row[0] for row in rows if row[0] not in ("check", "--")]
    assert named == NAMES
    assert BY_HAND


class RasaServer(BaseHTTPRequestHandler):
    """A Rasa server with its API open, and our health beside it."""

    def do_GET(self) -> None:
        answer = {"/status": {"model_file": "m.tar.gz"}, "/webhooks/autoplay/": {"status": "ok", "link": {}}}
        body = json.dumps(answer.get(self.path, {})).encode()
        self.send_response(200 if self.path in answer else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_request: object) -> None:
        """Do nothing."""


@pytest.fixture
def rasa_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), RasaServer)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    serving.join()
    server.server_close()


def test_command_runs_every_production_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rasa_server: str
) -> None:
    project(tmp_path, channel("identity: required", "identity: none"))
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--production", "--live", rasa_server]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("✗ error    signed users: ") for line in lines)
    assert any(line.startswith("✗ error    rasa api: ") for line in lines)
    for name in NAMES:
        assert any(line[11:].startswith(f"{name}: ") for line in lines), name
    assert [line[11:] for line in lines if line[2:].startswith("by hand")] == list(BY_HAND)


def test_runs_no_production_check_without_the_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project(tmp_path)
    monkeypatch.chdir(tmp_path)
    main(["doctor"])
    assert "by hand" not in capsys.readouterr().out
