"""Every check of a project finds its fault, and reports nothing about a healthy project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.adopted import make_project
from support.processes import ROOT, free_port
from support.without_rasa import is_installed

from rasa_autoplay.common.checks import Problem
from rasa_autoplay.tools.cli.main import main
from rasa_autoplay.tools.doctor.check_list import CHECKS, PAGE_CHECKS
from rasa_autoplay.tools.doctor.project import Project, read_project

ALL_CHECKS = (*CHECKS, *PAGE_CHECKS)
PACKAGES = {
    "redis": "4.6.0",
    "rasa": "3.6.21",
    "python-socketio": "5.9.0",
    "openai": "2.54.0",
    "packaging": "20.9",
    "pydantic": "1.10.9",
}
#: Checks that say nothing about a project without the part that they are about.
IF_USED = {"licence", "llm key", "redis", "shared", "tour library"}
#: They apply only where these packages are installed.
IF_USED |= {"python", "python-socketio", "openai", "packaging", "pydantic"}
PAGE = """\
<script src="/webhooks/autoplay/autoplay.js" data-user-id="u1"></script>
<style>.rw-markdown p {white-space: pre-line}</style><script>
posthog.init("phc_1", {api_host: "/webhooks/autoplay/capture", capture_pageview: "history_change",
request_batching: false}); posthog.identify("u1");
posthog.register({email: "a@example.com"});
WebChat.default({initPayload: "", customData: {userId: "u1"}, params: {storage: "session"}}, null);
</script>
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the copilot added by init, the app's own elements, and its page.

    The channels that ``rasa init`` writes are removed, as the doctor recommends.
    """
    folder = make_project("stock", tmp_path / "bot")
    (folder / "credentials.yml").write_text("")
    monkeypatch.chdir(folder)
    assert main(["init", "--yes", "--with-intent"]) == 0
    path = folder / "golden_paths" / "repeated-saves.yml"
    path.write_text(path.read_text().replace("# element:", "element:").replace("# page:", "page:"))
    (folder / "page.html").write_text(PAGE)
    return folder


def _read(folder: Path) -> Project:
    return read_project(folder, python=(3, 10), packages=PACKAGES, environment={}, page=Path("page.html"))


def _found(project: Project) -> dict[str, list[Problem]]:
    return {check.name: found for check in ALL_CHECKS if (found := list(check.run(project)))}


#: What init writes is for trying things out, and the doctor says so.
TRIAL = {"identity"}


def test_finds_nothing_in_a_healthy_project(folder: Path) -> None:
    assert set(_found(_read(folder))) == TRIAL


def test_finds_nothing_in_a_healthy_multi_server_setup(folder: Path) -> None:
    _in_order_on_redis(folder)
    several = replace(_read(folder), environment={"SANIC_WORKERS": "2", "ACTION_SERVER_SANIC_WORKERS": "2"})
    assert set(_found(several)) == TRIAL


_Spoil = Callable[[Path], Callable[[Project], Project] | None]


def _change(path: str, old: str, new: str) -> _Spoil:
    def change(folder: Path) -> None:
        text = (folder / path).read_text()
        assert old in text
        (folder / path).write_text(text.replace(old, new))

    return change


def _pause(_folder: Path) -> None:
    assert main(["pause", "--all", "--why", "incident", "--by", "Ann"]) == 0


def _packages(**versions: str) -> _Spoil:
    named = {name.replace("_", "-"): version for name, version in versions.items()}
    return lambda _: lambda project: replace(project, packages={**PACKAGES, **named})


def _environment(**variables: str) -> _Spoil:
    return lambda _: lambda project: replace(project, environment=variables)


def _stock_socketio(folder: Path) -> Callable[[Project], Project]:
    _change("credentials.yml", "rasa_autoplay.chat_channel.AutoplaySocketIOInput", "socketio")(folder)
    return lambda project: replace(project, packages={**PACKAGES, "python-socketio": "5.18.0"})


def _endpoint(line: str) -> _Spoil:
    """Give the action endpoint one more setting."""
    return _change("endpoints.yml", "\naction_endpoint:", f"\naction_endpoint:\n  {line}")


def _without_actions(folder: Path) -> None:
    (folder / "actions" / "__init__.py").write_text("# from rasa_autoplay.actions import *\n")


def _first_the_widget(folder: Path) -> None:
    page = folder / "page.html"
    page.write_text("<script>WebChat.default({})</script>\n" + page.read_text())


def _on_redis(link: str = "redis://r:6379/0", store: str = "redis://r:6379/0") -> _Spoil:
    """Both files use Redis, which is all that the servers share."""

    def change(folder: Path) -> None:
        link_key = f"  shared:\n    redis: {link}\n  capture: true"
        _change("credentials.yml", "  capture: true", link_key)(folder)
        path = folder / "autoplay.yml"
        path.write_text(f"{path.read_text()}\nshared:\n  redis: {store}\n")

    return change


def _without_redis(folder: Path) -> Callable[[Project], Project]:
    _on_redis()(folder)
    return lambda project: replace(project, packages={n: v for n, v in PACKAGES.items() if n != "redis"})


def _in_order_on_redis(folder: Path) -> None:
    """The set-up that docs/scaling.md describes."""
    _on_redis()(folder)
    database = 'database:\n  url: "postgresql://user@db/autoplay"\n'
    lines = (folder / "autoplay.yml").read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("database:")]
    (folder / "autoplay.yml").write_text("".join(kept) + database)
    with (folder / "endpoints.yml").open("a") as endpoints:
        endpoints.write("\ntracker_store:\n  type: SQL\n  dialect: postgresql\n  url: db\n  db: rasa\n")
        endpoints.write("lock_store:\n  type: redis\n  url: r\n")


_LINK_URL = """\
  link: {url: "https://localhost:5056", cafile: nowhere.pem}
  capture: true"""

TRAPS: list[tuple[str, _Spoil, str]] = [
    ("python", lambda _: lambda project: replace(project, python=(3, 12)), "this is Python 3.12"),
    ("rasa", lambda _: lambda project: replace(project, packages={}), "not installed"),
    (
        "rasa",
        lambda _: lambda project: replace(project, packages={}, python=(3, 12)),
        "only the engine can run here",
    ),
    ("descriptors", lambda _: lambda project: replace(project, max_descriptors=1024), "ulimit -Hn"),
    ("rasa", _packages(rasa="3.3.8"), "rasa is 3.3.8"),
    ("licence", _packages(rasa_pro="3.21.0"), "RASA_LICENSE is not set"),
    ("python-socketio", _stock_socketio, "python-socketio 5.18.0"),
    ("openai", _packages(openai="3.0.1"), "openai 3.0.1"),
    ("packaging", _packages(packaging="24.2"), "packaging is 24.2"),
    ("pydantic", _packages(pydantic="2.11.1", autoplay_sdk="0.13.0"), "2.11.1 (installed by autoplay-sdk"),
    ("response timeout", _environment(SANIC_RESPONSE_TIMEOUT="10"), "SANIC_RESPONSE_TIMEOUT=10"),
    ("workers", _environment(SANIC_WORKERS="4"), "SANIC_WORKERS=4"),
    ("workers", _environment(ACTION_SERVER_SANIC_WORKERS="2"), "ACTION_SERVER_SANIC_WORKERS=2"),
    (
        "files",
        _change("domain.yml", "  - action_send_proactive # autoplay", "  - ours"),
        "action_send_proactive",
    ),
    ("files", _change("domain.yml", "  proactive_text: # autoplay", "  other:"), "slots: proactive_text"),
    ("files", _change("data/autoplay.yml", "action: action_send", "action: send"), "no rule leads"),
    ("files", _change("autoplay.yml", "count:", "cuont:"), "autoplay.yml:"),
    ("actions import", _without_actions, "does not import"),
    (
        "actions import",
        lambda _: lambda project: replace(project, actions="rasa_autoplay"),
        "--actions rasa_autoplay",
    ),
    ("action endpoint", _change("endpoints.yml", "action_endpoint:", "other:"), "no action_endpoint"),
    ("action endpoint", _endpoint("cafile: nowhere.pem"), "nowhere.pem, cannot be read"),
    ("action endpoint", _endpoint("cafile: autoplay.yml"), "autoplay.yml, is not a PEM file"),
    (
        "action endpoint",
        _change("credentials.yml", "  capture: true", _LINK_URL),
        "cafile of link in credentials.yml",
    ),
    ("action endpoint", _endpoint("basic_auth: {username: rasa}"), "basic_auth of action_endpoint"),
    ("action endpoint", _endpoint("basic_auth: {username: a:b, password: x}"), "cannot be sent"),
    (
        "empty messages",
        _change("data/rules.yml", "intent: bot_challenge", "intent: nlu_fallback\n  - action: utter_greet"),
        "greets",
    ),
    (
        "empty messages",
        _change("domain.yml", "  - action_send", "  - action_session_start\n  - action_send"),
        "may greet",
    ),
    ("sources", _change("credentials.yml", "capture: true", "capture: false"), "no source"),
    (
        "owners",
        _change("credentials.yml", "  capture: true", "  posthog_secret: s\n  capture: true"),
        "capture and posthog_secret",
    ),
    (
        "owners",
        _change(
            "credentials.yml", "  capture: true", "  stream: {url: http://x, token: t}\n  webhook_secret: w"
        ),
        "stream and webhook_secret",
    ),
    (
        "chat",
        _change("credentials.yml", "rasa_autoplay.chat_channel.AutoplaySocketIOInput", "callback"),
        "no chat channel",
    ),
    (
        "session_persistence",
        _change("credentials.yml", "session_persistence: true", "session_persistence: false"),
        "not set",
    ),
    ("metadata_key", _change("credentials.yml", "  metadata_key: customData\n", ""), "metadata_key is None"),
    ("origins", _change("credentials.yml", "  allowed_origins:", "  x: 1\n  x_origins:"), "is empty"),
    ("origins", _change("credentials.yml", "http://localhost:3000", '"*"'), "any website"),
    (
        "identity",
        _change("credentials.yml", "http://localhost:3000", "https://app.example.com"),
        "app.example.com is public",
    ),
    (
        "other channels",
        _change("credentials.yml", "rasa_autoplay.chat", "rest:\ncallback:\n\nrasa_autoplay.chat"),
        "rest, callback: messages carry no user token",
    ),
    (
        "link secret",
        _change("endpoints.yml", "http://localhost:5055", "http://actions:5055"),
        "another machine (actions)",
    ),
    ("link secret", _environment(AUTOPLAY_LINK_SECRET="s"), "AUTOPLAY_LINK_SECRET is set here"),
    (
        "redis",
        _change("credentials.yml", "  capture: true", "  shared:\n    redis: redis://r\n  capture: true"),
        "shared.redis is set in credentials.yml but not in autoplay.yml",
    ),
    (
        "redis",
        _on_redis(store="redis://r:6379/1"),
        "shared.redis differs between credentials.yml and autoplay.yml",
    ),
    ("redis", _without_redis, "the Python package redis"),
    ("shared", _on_redis(), "database.url is an SQLite file"),
    ("shared", _on_redis(), "no tracker_store"),
    ("shared", _on_redis(), "no lock_store"),
    ("project key", _change("page.html", "phc_1", "phx_1"), "page.html:3: this is a personal key"),
    (
        "project key",
        _change("credentials.yml", "capture: true", "capture: {project_key: phx_1}"),
        "credentials.yml:",
    ),
    ("llm key", _change("autoplay.yml", "# llm:", "llm:"), "OPENAI_API_KEY is not set"),
    ("pauses", _pause, "Ann paused all triggers on 2"),
    ("script", _change("page.html", "autoplay.js", "other.js"), "no page loads autoplay.js"),
    ("script", _first_the_widget, "page.html:2: autoplay.js comes after"),
    (
        "user ids",
        _change("page.html", 'identify("u1")', 'identify("U1")'),
        """data-user-id="u1" and posthog.identify("U1" and userId: "u1" name different users""",
    ),
    (
        "user ids",
        _change("page.html", 'identify("u1")', "identify(42)"),
        """data-user-id="u1" and posthog.identify(42 and userId: "u1" name different users""",
    ),
    (
        "api host",
        _change("page.html", "/webhooks/autoplay/capture", "https://eu.i.posthog.com"),
        "page.html:3: posthog.init does not send",
    ),
    (
        "clicks",
        _change("page.html", "request_b", "autocapture: false, request_b"),
        "page.html:4: autocapture",
    ),
    (
        "batching",
        _change("page.html", "request_batching: false", ""),
        "page.html:3: posthog.init does not set",
    ),
    (
        "tour library",
        _change("golden_paths/repeated-saves.yml", "steps:", "flow_id: cmaw8\nsteps:"),
        "usertour shows the tour of",
    ),
    (
        "widget lines",
        _change("page.html", "pre-line", "normal"),
        "page.html:6: rasa-webchat joins the lines",
    ),
    (
        "greeting",
        _change("page.html", 'initPayload: ""', 'initPayload: "/greet"'),
        "page.html:6: initPayload is '/greet'",
    ),
    (
        "widget session",
        _change("page.html", "customData:", 'connectOn: "open", customData:'),
        "connectOn is open",
    ),
    (
        "widget session",
        _change("page.html", "customData:", "onSocketEvent: {session_confirm: f}, customData:"),
        "session_confirm",
    ),
    (
        "widget storage",
        _change("page.html", ', params: {storage: "session"}', ""),
        "page.html:6: the session is in localStorage",
    ),
    (
        "page views",
        _change("page.html", '"history_change"', "false"),
        "page.html:3: capture_pageview is false",
    ),
    (
        "page views",
        _change("page.html", 'capture_pageview: "history_change",', ""),
        "page.html:3: posthog.init does not set capture_pageview",
    ),
    (
        "user e-mail",
        _change("page.html", '\nposthog.register({email: "a@example.com"});', ""),
        "page.html:4: posthog.identify",
    ),
]


@pytest.mark.parametrize(("name", "spoil", "found"), TRAPS, ids=[f"{name}-{text}" for name, _, text in TRAPS])
def test_finds_and_names_each_fault(folder: Path, name: str, spoil: _Spoil, found: str) -> None:
    change = spoil(folder)
    project = _read(folder)
    problems = _found(change(project) if change else project).get(name, [])
    assert any(found in problem.found for problem in problems), problems
    assert all(problem.remedy for problem in problems)


def test_every_check_has_a_failing_case() -> None:
    names = [check.name for check in ALL_CHECKS]
    assert len(set(names)) == len(names)
    assert {name for name, _, _ in TRAPS} == set(names)


def test_does_not_show_filled_in_variables(folder: Path) -> None:
    _change("credentials.yml", "capture: true", "capture: {project_key: phx_verysecret}")(folder)
    told = [problem.found + problem.remedy for found in _found(_read(folder)).values() for problem in found]
    assert told
    assert not any("verysecret" in text for text in told)


def test_prints_one_line_per_finding_and_sets_the_exit_status(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    main(["doctor", "--page", "page.html"])
    found, *lines = capsys.readouterr().out.splitlines()
    assert found.startswith("  found    rasa 3.6" if is_installed("rasa") else "  found    no Rasa")
    told = [line[11:].partition(":")[0] for line in lines[:-1]]
    assert told == [check.name for check in ALL_CHECKS if check.name in told]
    assert {check.name for check in ALL_CHECKS} - set(told) <= IF_USED
    states = [line[2:10].strip() for line in lines[:-1]]
    assert f"{states.count('ok')} ok, {states.count('not seen')} not seen yet" in lines[-1]
    _change("credentials.yml", "session_persistence: true", "session_persistence: false")(folder)
    assert main(["doctor", "--page", "page.html"]) == 1
    told = capsys.readouterr().out.splitlines()
    line = next(line for line in told if "session_persistence:" in line)
    assert line.startswith("✗ error    session_persistence: ")
    assert line.endswith("Remedy: session_persistence: true")


def test_does_not_report_skipped_checks_as_passed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    main(["doctor", "--live", f"http://127.0.0.1:{free_port()}"])
    told = capsys.readouterr().out
    assert "skipped  the app's page" in told
    assert "✗ error    server: the server does not answer" in told
    assert not {"greeting", "link"} & {line[11:].partition(":")[0] for line in told.splitlines()}


def test_finds_an_actions_module_in_a_folder(folder: Path) -> None:
    (folder / "actions").rename(folder / "my_bot")
    (folder / "my_bot" / "actions.py").write_text("from rasa_autoplay.actions import *\n")
    assert _read(folder).actions == "my_bot.actions"
    assert "actions import" not in _found(_read(folder))


def test_accepts_the_page_of_the_documentation(folder: Path) -> None:
    page = (ROOT / "docs" / "first-toast" / "index.html").read_text()
    project = replace(_read(folder), pages={"index.html": page})
    assert [problem for check in PAGE_CHECKS for problem in check.run(project)] == []


def test_finds_nothing_in_this_repository(capsys: pytest.CaptureFixture[str]) -> None:
    project = read_project(ROOT, python=(3, 10), packages=PACKAGES, environment={})
    assert [
        problem for check in CHECKS for problem in check.run(project) if problem.severity == "error"
    ] == []


@pytest.mark.parametrize("command", [["doctor"], ["simulate", "x"], ["user", "show", "u1"]])
def test_reports_a_folder_without_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    assert main(command) == 1
    told = "".join(capsys.readouterr())
    assert "autoplay.yml" in told
    assert "`rasa-autoplay init`" in told


def test_reports_an_old_key_with_its_line_and_replacement(folder: Path) -> None:
    path = folder / "autoplay.yml"
    path.write_text(path.read_text() + "\npoll_seconds: 3\n")
    line = path.read_text().splitlines().index("poll_seconds: 3") + 1
    (problem,) = _found(_read(folder))["files"]
    assert problem.found == f"autoplay.yml:{line}: poll_seconds: this key has a new name"
    assert problem.remedy == "add:\n    poll_interval: 10s"
