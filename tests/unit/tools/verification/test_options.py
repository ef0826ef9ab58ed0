"""Where a golden path begins, and what of an address may be shown."""

from __future__ import annotations

import pytest

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.tools.verification.options import VerifyOptions, safe_url, start_url


def _path(page: str) -> GoldenPath:
    step = {"id": "open", "title": "Open", "element": "#open", "text": "Open it."}
    return GoldenPath.parse_obj({"id": "export", "title": "Export", "page": page, "steps": [step]})


@pytest.mark.parametrize(
    ("url", "page", "expected"),
    [
        ("http://app.test", "/projects", "http://app.test/projects"),
        ("http://app.test/", "projects", "http://app.test/projects"),
        ("http://app.test/demo/", "/projects", "http://app.test/demo/projects"),
        ("http://app.test/demo/projects", "/projects", "http://app.test/demo/projects"),
        ("http://app.test/demo/Projects/", "/projects", "http://app.test/demo/Projects/"),
        ("http://app.test/?user=u1", "/projects", "http://app.test/projects?user=u1"),
        ("http://app.test/index.html", "/projects", "http://app.test/projects"),
        ("http://app.test/app", "#/projects", "http://app.test/app#/projects"),
        ("http://app.test/app", "/app#/projects", "http://app.test/app#/projects"),
        ("http://app.test/app", "", "http://app.test/app"),
        ("http://app.test", "/projects/:id/edit", ""),
    ],
)
def test_start_is_relative_to_the_address(url: str, page: str, expected: str) -> None:
    assert start_url(VerifyOptions(url), _path(page)) == expected


def test_start_can_be_named_for_a_page_with_an_id() -> None:
    options = VerifyOptions("http://app.test/", starts={"export": "/projects/42/edit"})
    assert start_url(options, _path("/projects/:id/edit")) == "http://app.test/projects/42/edit"


def test_shown_address_has_no_secrets() -> None:
    assert safe_url("https://ann:pw@app.test:8443/a?token=x#key=y") == "https://app.test:8443/a"
