"""`rasa-autoplay studio` opens the studio signed in, or prints the link."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from support.gateway import BASE, ServedGateway, served_gateway
from support.processes import free_port
from support.run import asynchronous

KEY = "s3cret-word-of-operators"
STUDIO = {"X-Autoplay-Studio": "1", "Sec-Fetch-Site": "same-origin"}


async def _run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Run the command; return its status and what it prints on stdout and stderr."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "rasa_autoplay.tools.cli", "studio", *arguments),
        cwd=folder,
        env={**kept, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode(), errors.decode()


async def _sign_in(served: ServedGateway, link: str) -> tuple[int, Any]:
    page, _, ticket = link.strip().partition("#ticket=")
    assert page == f"{served.origin}{BASE}/studio"
    body = json.dumps({"ticket": ticket}).encode()
    return await served.request("POST", "/studio/sign-in", body, STUDIO)


@asynchronous
async def test_prints_the_link_without_a_browser(tmp_path: Path) -> None:
    async with served_gateway(admin_key=KEY) as served:
        credentials = f"rasa_autoplay.channel.AutoplayInput:\n  admin_key: {KEY}\n"
        (tmp_path / "credentials.yml").write_text(credentials, "utf-8")
        status, link, said = await _run(tmp_path, f"{served.origin}/")
        assert status == 0
        assert "works once" in said
        assert KEY not in link + said
        assert (await _sign_in(served, link))[1]["signed_in"] is True
        assert (await _sign_in(served, link))[0] == 401


@asynchronous
async def test_opens_the_browser(tmp_path: Path) -> None:
    async with served_gateway(admin_key=KEY) as served:
        browser = tmp_path / "browser.py"
        browser.write_text(
            f"#!{sys.executable}\nimport pathlib, sys\n"
            f"pathlib.Path({str(tmp_path / 'opened')!r}).write_text(sys.argv[1])\n",
            "utf-8",
        )
        browser.chmod(0o700)
        with_key = {"AUTOPLAY_ADMIN_KEY": KEY, "BROWSER": str(browser)}
        status, out, said = await _run(tmp_path, served.origin, **with_key)
        assert (status, out) == (0, "")
        assert "open in your browser" in said
        opened = (tmp_path / "opened").read_text("utf-8")
        assert (await _sign_in(served, opened))[1]["signed_in"] is True
        # A browser that cannot be started leaves the link.
        broken = {**with_key, "BROWSER": str(tmp_path / "none")}
        _, link, _ = await _run(tmp_path, served.origin, **broken)
        assert (await _sign_in(served, link))[1]["signed_in"] is True


@asynchronous
async def test_says_what_is_wrong(tmp_path: Path) -> None:
    async with served_gateway(admin_key=KEY) as served, served_gateway(admin_key="") as closed:
        nothing = f"http://127.0.0.1:{free_port()}"
        for arguments, key, expected in (
            ((served.origin,), "", "There is no admin key in credentials.yml."),
            ((served.origin,), "a wrong one", "the admin key is missing or wrong"),
            ((closed.origin,), KEY, "Set admin_key"),
            ((nothing,), KEY, "Start `rasa run`"),
            (("localhost:5005",), KEY, "is not an HTTP address"),
            ((served.origin,), "pässword", "cannot carry"),
        ):
            with_key = {"AUTOPLAY_ADMIN_KEY": key} if key else {}
            status, out, said = await _run(tmp_path, *arguments, **with_key)
            assert (status, out) == (1, ""), expected
            assert expected in said
            assert "Traceback" not in said
            assert not key or key not in said


@pytest.mark.parametrize("path", ["/studio", "/studio/"])
@asynchronous
async def test_serves_the_page(path: str) -> None:
    async with served_gateway(admin_key=KEY) as served:
        status, text = await served.request("GET", path)
        assert (status, path.endswith("/")) in ((200, False), (404, True))
        if status == 200:
            assert '<script type="module" src="studio/main.js">' in text
