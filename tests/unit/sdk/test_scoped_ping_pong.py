"""Ping-pong in a part of the app, with the vendor SDK's results."""

from __future__ import annotations

import pytest

from rasa_autoplay import ProactiveTriggerContext, ScopedCanonicalPingPongTrigger


def fires(*pages: str | None, scope: str = "/projects") -> list[str]:
    context = ProactiveTriggerContext(canonical_urls=pages, session_id="s1", product_id="demo")
    result = ScopedCanonicalPingPongTrigger(url_must_contain=scope).evaluate(context)
    if result is None:
        return []
    assert result.metadata["scoped_canonical_url_contains"] == scope
    matched: list[str] = result.metadata["matched"]
    return matched


@pytest.mark.parametrize(
    ("pages", "matched"),
    [
        (("/projects", "/home", "/projects"), ["strict_ping_pong"]),
        # A bounce elsewhere counts once the user has been here; a hesitation elsewhere does not.
        (("/projects", "/a", "/b", "/a"), ["strict_ping_pong"]),
        (("/projects", "/a", "/b", "/c", "/a"), []),
        (("/projects/1", "/projects/2", "/projects/3", "/projects/1"), ["hesitation_distinct_with_revisit"]),
        (("/home", "/a", "/home"), []),
        (("/PROJECTS", "/a", "/PROJECTS"), []),
        ((None, ""), []),
    ],
)
def test_considers_only_its_scope(pages: tuple[str | None, ...], matched: list[str]) -> None:
    assert fires(*pages) == matched


def test_without_a_scope_considers_the_whole_app() -> None:
    assert fires("/home", "/a", "/home", scope="") == ["strict_ping_pong"]
