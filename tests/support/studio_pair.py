"""Real servers whose database holds a made-up day, so that the studio has something to show."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.async_api import BrowserContext, Page
from ruamel.yaml import YAML

from example_bot.demo.configuration import copy_configuration
from support.background import BackgroundLoop
from support.pair import Pair
from support.processes import ROOT, rasa_environment
from support.project import ADMIN_KEY, Project
from support.workshop import Workshop

__all__ = ["open_studio", "running_studio", "studio_project", "with_made_up_day"]

_LONGEST_S = 180


def studio_project(workshop: Workshop, name: str) -> Project:
    """Return a project with the demo's ``autoplay.yml``."""
    project = workshop.project(name)
    copy = copy_configuration(project.folder)
    project.autoplay = YAML(typ="safe").load(copy.read_text(encoding="utf-8"))
    return project


@contextmanager
def with_made_up_day(project: Project, users: int) -> Iterator[None]:
    """Write a made-up day into the project's database; it is written when the context ends."""
    project.write()
    environment = rasa_environment(AUTOPLAY_CONFIG=str(project.folder / "autoplay.yml"))
    app_url = f"http://127.0.0.1:{project.rasa_port}/webhooks/autoplay/demo"
    with subprocess.Popen(
        [sys.executable, "-m", "example_bot.demo.day", app_url, "--users", str(users)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as writing:
        try:
            yield
        except BaseException:
            writing.kill()
            raise
        finally:
            output, _ = writing.communicate(timeout=_LONGEST_S)
    assert writing.returncode == 0, output


@contextmanager
def running_studio(workshop: Workshop, background: BackgroundLoop, users: int) -> Iterator[Pair]:
    """Run servers after a made-up day, which is played while they load."""
    project = studio_project(workshop, "studio")
    pair = Pair(project)
    workshop.pairs.append(pair)
    try:
        with with_made_up_day(project, users):
            background.run(pair.start(), 250)
        yield pair
    finally:
        background.run(pair.close(), 150)


async def open_studio(context: BrowserContext, pair: Pair, route: str = "#/now") -> Page:
    """Open the studio like its link does, and go to a route."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with pair.http.post(f"{pair.base}/studio/ticket", json={}, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        ticket = (await answer.json())["ticket"]
    page = await context.new_page()
    await page.goto(f"{pair.base}/studio#ticket={ticket}")
    await page.locator("nav").first.wait_for()
    await page.evaluate("(route) => { location.hash = route; }", route)
    return page
