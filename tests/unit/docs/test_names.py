"""Settings, counters and functions that the documentation names exist, so that a rename reaches it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.documentation import PAGES
from support.processes import ROOT

_SUFFIXES = {".py", ".js", ".ts", ".tsx", ".html", ".json", ".yml", ".env"}
#: Names of other products, which appear in none of our source files.
_FOREIGN = {
    "PIP_INDEX_URL",  # pip
    "PYTEST_ARGS",  # make
    "agent_state",  # the vendor's SDK and its tutorial
    "copilot_server",
    "onboard_product",
    "limit_conn",  # nginx
    "stream_chunk",  # Rasa Pro
    "advanced_disable_flags",  # posthog-js
    "request_headers",  # posthog-js
    "capture_dead_clicks",
    "capture_exceptions",
    "opt_in_capturing",
    "opt_out_capturing",
    "test_rejects_a_body_without_length",  # an example of a name
}
_NAME = re.compile(r"\b[A-Za-z]+(?:_[A-Za-z]+)+\b|\b[A-Z][a-z]+[A-Z]\w+")


def _known() -> set[str]:
    """Return every name in the package, the example and the benchmarks, and the names of test files."""
    files = [
        file
        for folder in ("rasa_autoplay", "example_bot", "scripts", "benchmarks", "deploy")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in _SUFFIXES and "node_modules" not in file.parts
    ]
    names = {name for file in files for name in _NAME.findall(file.read_text("utf-8"))}
    return names | {file.stem for folder in ("tests", "scripts") for file in (ROOT / folder).rglob("*.py")}


@pytest.fixture(scope="module")
def known() -> set[str]:
    return _known()


# The page on the SDK names tests, which test_sdk_behaviours.py checks.
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name != "sdk-behaviours.md"],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_names_in_the_documentation_exist(page: Path, known: set[str]) -> None:
    spans = re.findall(r"`([^`\n]+)`", page.read_text("utf-8"))
    named = {name for span in spans for name in _NAME.findall(span)}
    composed = {name for name in named if name.startswith("tour_orders_")}
    assert named - composed - known - _FOREIGN == set()
