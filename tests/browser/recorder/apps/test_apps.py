"""Drafts that people record in five apps replay without an edit: in the tour, and in the matcher.

Each test writes a row for each of its workflows to the terminal.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from support.background import BackgroundLoop
from support.next_app import NextServer, build
from support.node import FRAMEWORKS, NEXTJS, require_packages, run_node
from support.processes import ROOT, free_port

from browser.recorder.apps.conftest import OpenCopilot
from browser.recorder.apps.replayed import Replay, Site, record_and_replay
from browser.recorder.apps.served_app import served_app
from browser.recorder.apps.workflows import DEMO, DIALOGS, NEXT, SHADOW, VUE, Workflow

_HERE = Path(__file__).parent
_NEXT_START_S = 180.0
#: As strict as it gets: no inline script, no HTML from texts, and only the two servers.
STRICT = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self' {base}; style-src 'self'; "
    "connect-src 'self' {base}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
}

#: Record and replay workflows on a site; all must replay.
CheckAll = Callable[[Site, Sequence[Workflow]], None]


@pytest.fixture
def check_all(chromium: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CheckAll:
    """Record and replay workflows, and show the table."""

    def check(site: Site, workflows: Sequence[Workflow]) -> None:
        found = [record_and_replay(chromium, site, workflow, tmp_path) for workflow in workflows]
        with capsys.disabled():
            print("", *(replay.describe() for replay in found), sep="\n")  # noqa: T201 - for people
        assert not [_explain(replay) for replay in found if replay.problem]

    return check


def _explain(replay: Replay) -> str:
    return f"{replay.workflow}: {replay.problem}\n{replay.draft}"


@pytest.mark.slow
def test_drafts_of_the_demo_page_replay(open_copilot: OpenCopilot, check_all: CheckAll) -> None:
    copilot = open_copilot(demo_page=str(ROOT / "example_bot" / "host_app"))
    check_all(Site("demo", copilot, f"{copilot.base}/demo"), DEMO)


def test_drafts_of_a_page_with_dialogs_replay(open_copilot: OpenCopilot, check_all: CheckAll) -> None:
    with served_app(_HERE / "pages", "dialogs.html") as served:
        copilot = open_copilot(served.origin)
        served.base = copilot.base
        check_all(Site("dialogs", copilot, served.origin), DIALOGS)


@pytest.mark.slow
def test_drafts_of_shadow_roots_below_a_strict_policy_replay(
    open_copilot: OpenCopilot, check_all: CheckAll
) -> None:
    with served_app(_HERE / "pages", "shadow.html", STRICT) as served:
        copilot = open_copilot(served.origin)
        served.base = copilot.base
        check_all(Site("shadow", copilot, served.origin), SHADOW)


@pytest.mark.slow
def test_drafts_of_a_vue_app_replay(open_copilot: OpenCopilot, check_all: CheckAll, tmp_path: Path) -> None:
    require_packages(FRAMEWORKS)
    project = tmp_path / "vue"
    shutil.copytree(_HERE / "vue", project)
    (project / "node_modules").symlink_to(FRAMEWORKS / "node_modules")
    run_node(["node_modules/vite/bin/vite.js", "build", "--logLevel", "error"], project)
    with served_app(project / "dist", "index.html") as served:
        copilot = open_copilot(served.origin)
        served.base = copilot.base
        check_all(Site("vue", copilot, served.origin), VUE)


@pytest.mark.slow
def test_drafts_of_the_nextjs_app_replay(
    open_copilot: OpenCopilot, check_all: CheckAll, background: BackgroundLoop, tmp_path: Path
) -> None:
    require_packages(NEXTJS)
    build()
    origin = f"http://127.0.0.1:{free_port()}"
    copilot = open_copilot(origin)
    pair = SimpleNamespace(
        project=SimpleNamespace(channel={"allowed_origins": [origin]}),
        origin=copilot.base.partition("/webhooks")[0],
    )
    serving = NextServer(pair, tmp_path).serving()  # type: ignore[arg-type]
    background.run(serving.__aenter__(), _NEXT_START_S)
    try:
        check_all(Site("next.js", copilot, origin, user_in_cookie=True), NEXT)
    finally:
        background.run(serving.__aexit__(None, None, None), _NEXT_START_S)
