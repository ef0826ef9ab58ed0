"""Pages keep old versions of posthog-js for years: each of them reports its clicks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.missing import miss

from browser.posthog_js.conftest import NEWEST, Site

_FOLDER = Path(__file__).parent / "node_modules"
OLD = ("1.30", "1.57", "1.96", "1.115", "1.130", "1.249")
_CLICKS = 200


def _library(version: str) -> Path:
    if version == "newest":
        return NEWEST
    if not (_FOLDER / ".complete").exists():
        miss("Old versions of posthog-js are missing: `make web-all` fetches them, with npm.")
    return _FOLDER / f"posthog-{version}" / "dist" / "array.js"


@pytest.mark.slow
@pytest.mark.parametrize("version", [*OLD, "newest"])
def test_reports_clicks(site: Callable[..., Site], version: str) -> None:
    app = site()
    # Old versions ask for their configuration first: only its answer starts autocapture.
    app.publish("<button>Save changes</button>", {"request_batching": False}, library=_library(version))
    app.open().wait_for_load_state("networkidle")
    app.page.get_by_role("button").click()
    (click,) = app.actions(1)
    assert (click.title, click.user_id) == ("Click Save changes", "u1")
    # Old versions report the page before the user is identified: the engine joins both by the session.
    assert app.actions(1, "pageview")[0].session_id == click.session_id


@pytest.mark.slow
@pytest.mark.parametrize("target", ["link", "form"])
@pytest.mark.parametrize("version", ["1.115", "1.249", "newest"])
def test_loses_no_click_that_leaves_the_page(site: Callable[..., Site], version: str, target: str) -> None:
    app = site()
    body = "<a href=/away>Go</a><form method=post action=/away aria-label=Form><button>Go</button></form>"
    app.publish(body, library=_library(version))
    for _ in range(_CLICKS):
        page = app.open()
        page.wait_for_load_state("networkidle")
        page.get_by_role("link" if target == "link" else "button").click()
        page.wait_for_url("**/away")
    assert len(app.actions(_CLICKS)) == _CLICKS
    if target == "form":
        assert len(app.actions(_CLICKS, "submit")) == _CLICKS
