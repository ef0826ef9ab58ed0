"""`rasa-autoplay record --live` opens a page of the app with the recorder, or says what is wrong."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from aiohttp import web
from support.gateway import served_gateway
from support.processes import free_port
from support.run import asynchronous

from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.path_draft_requests import PrepareRecorder
from rasa_autoplay.tools.cli.main import main

KEY = "s3cret-word-of-operators"
APP = "http://app.example.com:3000"


@pytest.fixture(autouse=True)
def _no_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "AUTOPLAY_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)


async def _record(*arguments: str) -> int:
    return await asyncio.to_thread(main, ["record", *arguments])


@asynchronous
async def test_prints_the_link_without_a_browser(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    credentials = f"rasa_autoplay.channel.AutoplayInput:\n  admin_key: {KEY}\n"
    (tmp_path / "credentials.yml").write_text(credentials, "utf-8")
    async with served_gateway(admin_key=KEY, allowed_origins=[APP]) as served:
        live = ("--live", f"{served.origin}/", "--open", f"{APP}/#/projects")
        assert await _record(*live, "--again", "export", "--print") == 0
        out, said = capsys.readouterr()
        assert out.startswith(f"{APP}/#/projects?autoplay-record=")
        assert "works once, within an hour" in said
        assert KEY not in out + said
        assert served.link.asked == [PrepareRecorder("export")]
        assert await _record(*live) == 0, "there is no browser to open"
        assert capsys.readouterr().out.startswith(f"{APP}/#/projects?autoplay-record=")


@asynchronous
async def test_opens_the_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = tmp_path / "browser.py"
    browser.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        f"pathlib.Path({str(tmp_path / 'opened')!r}).write_text(sys.argv[1])\n",
        "utf-8",
    )
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setenv("AUTOPLAY_ADMIN_KEY", KEY)
    async with served_gateway(admin_key=KEY, allowed_origins=[APP]) as served:
        assert await _record("--live", served.origin, "--open", f"{APP}/") == 0
        out, said = capsys.readouterr()
        assert out == ""
        assert "autoplay-record" not in said, "a terminal's log keeps what it shows"
        assert (tmp_path / "opened").read_text("utf-8").startswith(f"{APP}/#autoplay-record=")


@asynchronous
async def test_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = f"http://127.0.0.1:{free_port()}"
    page = ("--open", f"{APP}/")
    async with (
        served_gateway(admin_key=KEY, allowed_origins=[APP]) as served,
        served_gateway(admin_key="") as closed,
        served_gateway(admin_key=KEY) as other,
    ):
        live = ("--live", served.origin)
        unknown = EngineRefused("not_found", "there is no golden path 'x'")
        served.link.failure = unknown
        for arguments, key, expected in (
            ((*live, *page), "", "There is no admin key in credentials.yml."),
            ((*live, *page), "a wrong one", "the admin key is missing or wrong"),
            (("--live", closed.origin, *page), KEY, "Set admin_key"),
            (("--live", other.origin, *page), KEY, f"Add {APP} to allowed_origins in credentials.yml"),
            (("--live", nothing, *page), KEY, "Start `rasa run`"),
            (("--live", "localhost:5005", *page), KEY, "is not an HTTP address"),
            ((*live, "--open", "projects"), KEY, "'page' must be the URL of a page"),
            ((*live, *page, "--again", "x"), KEY, "there is no golden path 'x'"),
            (live, KEY, "it needs --open"),
            (page, KEY, "--open: it needs --live"),
            (("--print", "session.jsonl"), KEY, "--print: it needs --live"),
            ((*live, *page, "session.jsonl"), KEY, "reads no other recording"),
            ((*live, *page, "--out", "x.yml"), KEY, "offers the draft as a download"),
        ):
            monkeypatch.setenv("AUTOPLAY_ADMIN_KEY", key)
            assert await _record(*arguments) == 1, expected
            out, said = capsys.readouterr()
            assert out == ""
            assert expected in said, said
            assert "Traceback" not in said
            assert not key or key not in said


@asynchronous
async def test_names_a_server_that_is_too_old(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTOPLAY_ADMIN_KEY", KEY)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    assert await _record("--live", f"http://127.0.0.1:{port}", "--open", f"{APP}/") == 1
    said = capsys.readouterr().err
    await runner.cleanup()
    assert "has no recorder" in said
    assert "Install this version of rasa-autoplay for the Rasa server, too" in said
