"""User properties from the app: what is stored of them, and about whom."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.events.user_facts import stated_properties
from rasa_autoplay.events.user_properties import merged_properties, storable_properties
from rasa_autoplay.gateway.sources.intake import Intake


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"plan": "pro", "seats": 12, "trial": False, "score": 0.5}, None),
        ({"company_name": "Fernway Studio", "plan_name": "Team"}, None),
        ({"plan": None}, None),
        ({"nested": {"a": 1}, "listed": [1]}, {}),
        ({"": "x", "n" * 65: "x", "$initial_referrer": "x"}, {}),
        ({"seats": float("nan"), "rate": float("inf"), "huge": 10**400}, {}),
        ({"contact": "ask anna@example.com"}, {"contact": "ask [e-mail]"}),
        ({"note": "card 4111 1111 1111 1111"}, {"note": "card [card]"}),
        ({"note": "x" * 500}, {"note": "x" * 200}),
    ],
)
def test_keeps_short_names_and_plain_values_masked(told: dict[str, Any], kept: Any) -> None:
    assert storable_properties(told) == (told if kept is None else kept)


@pytest.mark.parametrize(
    "name",
    [
        "email",
        "e-mail",
        "work_email",
        "name",
        "firstName",
        "last_name",
        "phone",
        "phone_number",
        "billing_address",
        "birthday",
        "token",
        "apiKey",
        "api_key",
        "session_id",
        "ip",
        "password",
        "avatar",
        "username",
        "4111111111111111",
    ],
)
def test_rejects_properties_that_name_a_person_or_a_secret(name: str) -> None:
    assert storable_properties({name: "Anna"}) == {}


def test_limits_properties_and_prefers_new_ones() -> None:
    assert len(storable_properties({f"p{n}": n for n in range(1000)})) == 32
    full = {f"p{n}": n for n in range(32)}
    both = merged_properties(full, {"plan": "pro", "p1": "new"})
    assert len(both) == 32
    assert (both["plan"], both["p1"]) == ("pro", "new")


@given(st.dictionaries(st.text(), st.none() | st.text() | st.integers() | st.floats() | st.booleans()))
def test_bounds_any_input(told: dict[str, Any]) -> None:
    kept = storable_properties(told)
    assert len(kept) <= 32
    assert all(len(name) <= 64 and len(str(value)) <= 200 for name, value in kept.items())
    assert storable_properties(kept) == kept


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"$set": {"plan": "pro"}, "$unset": ["trial"]}, {"trial": None, "plan": "pro"}),
        ({"$set_once": {"plan": "pro"}}, {}),
        ({"$set": "plan", "$unset": "trial"}, {}),
        ({"$unset": [7, None]}, {}),
        ({}, {}),
    ],
)
def test_reads_the_properties_of_an_event(event: dict[str, Any], told: dict[str, Any]) -> None:
    assert stated_properties(event) == told


def test_stores_nothing_about_an_anonymous_visitor() -> None:
    taken: list[Any] = []
    intake = Intake("demo", "capture", lambda: 9.0)
    for user in ("u1", None):
        payload = ActionsPayload("demo", "s1", user, None, [], properties={"plan": "pro", "email": "a@b.co"})
        intake.accept(payload, lambda payload, _: taken.append(payload))
    assert [payload.properties for payload in taken] == [{"plan": "pro"}, {}]
