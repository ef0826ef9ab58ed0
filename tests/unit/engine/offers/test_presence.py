"""Which users have open feeds, as the gateways report it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rasa_autoplay.engine.offers.presence import Presence
from rasa_autoplay.link.messages import FeedInfo

GATEWAYS, USERS = st.sampled_from(["d1", "d2"]), st.sampled_from(["u1", "u2"])
NUMBERS = st.integers(0, 4)


def feed(gateway: str, number: int, user: str) -> FeedInfo:
    """A feed id belongs to one gateway, and to one user while it exists."""
    return FeedInfo(f"{gateway} {user} {number}", user)


class Reports(RuleBasedStateMachine):
    """Compares with the simplest model: a set of gateway, user and feed."""

    def __init__(self) -> None:
        super().__init__()
        self.presence = Presence()
        self.model: set[tuple[str, str, str]] = set()

    @rule(gateway=GATEWAYS, number=NUMBERS, user=USERS)
    def opened(self, gateway: str, number: int, user: str) -> None:
        self.presence.opened(gateway, feed(gateway, number, user))
        self.model.add((gateway, user, feed(gateway, number, user).feed_id))

    @rule(gateway=GATEWAYS, number=NUMBERS, user=USERS)
    def closed(self, gateway: str, number: int, user: str) -> None:
        self.presence.closed(gateway, feed(gateway, number, user).feed_id)
        self.model.discard((gateway, user, feed(gateway, number, user).feed_id))

    @rule(gateway=GATEWAYS, feeds=st.sets(st.tuples(NUMBERS, USERS), max_size=4))
    def replace(self, gateway: str, feeds: set[tuple[int, str]]) -> None:
        self.presence.replace(gateway, [feed(gateway, *each) for each in feeds])
        self.model = {entry for entry in self.model if entry[0] != gateway}
        self.model |= {(gateway, user, feed(gateway, number, user).feed_id) for number, user in feeds}

    @rule(gateway=GATEWAYS)
    def lost(self, gateway: str) -> None:
        self.presence.lost(gateway)
        self.model = {entry for entry in self.model if entry[0] != gateway}

    @invariant()
    def agrees(self) -> None:
        for user in ("u1", "u2"):
            expected = {feed_id: gateway for gateway, owner, feed_id in self.model if owner == user}
            assert self.presence.feeds_of(user) == expected
        assert len(self.presence) == len(self.model)

    def teardown(self) -> None:
        for gateway in ("d1", "d2"):
            self.presence.lost(gateway)
        assert not self.presence._by_user
        assert not self.presence._by_gateway, "nothing is left behind"


TestReports = Reports.TestCase
TestReports.settings = settings(max_examples=40, stateful_step_count=30)


@given(st.sets(NUMBERS), st.lists(NUMBERS))
def test_finds_only_open_feeds_of_that_user(still_open: set[int], asked: list[int]) -> None:
    presence = Presence()
    presence.replace("d1", [feed("d1", number, "u1") for number in still_open])
    ids = [feed("d1", number, "u1").feed_id for number in asked]
    expected = [feed("d1", number, "u1") for number in asked if number in still_open]
    assert presence.open_among("u1", ids) == expected
    assert presence.open_among("u2", ids) == []


def test_returned_snapshot_does_not_change() -> None:
    presence = Presence()
    presence.opened("d1", FeedInfo("f1", "u1"))
    before = presence.feeds_of("u1")
    presence.lost("d1")
    assert before == {"f1": "d1"}


@pytest.mark.parametrize(
    ("listens", "asked", "is_other"),
    [
        ("anna", "Anna", True),
        ("auth0|7", "7", True),
        ("7", "user_7", True),
        ("USER:anna", "Anna", True),
        ("anna", "anna", False),
        ("17", "7", False),
        ("joanna", "anna", False),
        ("ben", "anna", False),
    ],
)
def test_another_spelling_differs_by_case_or_prefix(listens: str, asked: str, is_other: bool) -> None:
    presence = Presence()
    presence.opened("d1", FeedInfo("f1", listens))
    assert presence.has_near_miss_id(asked) is is_other


_IDS = st.text(alphabet="aB7|:-", min_size=1, max_size=6)


@given(st.lists(_IDS, max_size=8), st.lists(st.integers(0, 7), max_size=4), _IDS)
def test_finds_spellings_without_scanning_every_listener(
    listening: list[str], leaving: list[int], asked: str
) -> None:
    presence = Presence()
    for number, user_id in enumerate(listening):
        presence.opened("d1", FeedInfo(f"f{number}", user_id))
    for number in leaving:
        presence.closed("d1", f"f{number}")
    left = {user_id for number, user_id in enumerate(listening) if number not in leaving}
    expected = any(reads_like(asked, each) or reads_like(each, asked) for each in left if each != asked)
    assert presence.has_near_miss_id(asked) is expected
    for number in range(len(listening)):
        presence.closed("d1", f"f{number}")
    assert not presence._wholes
    assert not presence._unprefixed


def reads_like(longer: str, shorter: str) -> bool:
    """Equal except for case and for a prefix of at most two parts."""
    for parts in range(3):
        pieces = re.split(r"[|:_\-/#]", longer.casefold(), maxsplit=parts)
        if len(pieces) == parts + 1 and pieces[-1] and pieces[-1] == shorter.casefold():
            return True
    return False


def test_cost_of_spellings_does_not_grow_with_listeners() -> None:
    presence = Presence()
    for number in range(50_000):
        presence.opened("d1", FeedInfo(f"f{number}", f"auth0|{number}"))
    presence._by_user = Unscannable(presence._by_user)
    assert presence.has_near_miss_id("49999")
    assert not presence.has_near_miss_id("nobody")


class Unscannable(dict[str, Any]):
    """Can be looked up, but not iterated."""

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("every listener was looked at")
