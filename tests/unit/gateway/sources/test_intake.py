"""The checks that every source's payloads pass."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.identity.ids import MAX_ID_BYTES
from rasa_autoplay.engine.sessions.window import ActionWindow
from rasa_autoplay.events.models import ActionsPayload, SlimAction, SummaryPayload, UsertourTrigger
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.intake import FUTURE_TOLERANCE_S, MAX_TEXT, Intake, Payload
from rasa_autoplay.link.messages import Event

NOW = 1_700_000_000.0


class Gateway:
    """An intake, and the payloads that it accepted."""

    def __init__(self) -> None:
        self.let_in: list[tuple[Payload, str]] = []
        self.intake = Intake("demo", "stream", lambda: NOW)

        self.has_room: bool | None = None

    def _let_in(self, payload: Payload, source: str) -> bool | None:
        self.let_in.append((payload, source))
        return self.has_room

    def takes(self, payload: Payload) -> bool:
        return self.intake.accept(payload, self._let_in)

    def refusal(self, payload: Payload) -> str:
        assert not self.takes(payload)
        assert not self.let_in
        (reason,) = self.intake.counts
        return reason


def batch(*actions: SlimAction, **fields: Any) -> ActionsPayload:
    fields = {"product_id": "demo", "session_id": "s1", "user_id": "u1", "email": None, **fields}
    return ActionsPayload(actions=list(actions), **fields)


def action(**fields: Any) -> SlimAction:
    return SlimAction(
        **{"title": "a", "description": "", "canonical_url": "/a", "timestamp_start": NOW, **fields}
    )


def taken_in(*actions: SlimAction, **fields: Any) -> list[SlimAction]:
    gateway = Gateway()
    assert gateway.takes(batch(*actions, **fields))
    ((payload, source),) = gateway.let_in
    assert isinstance(payload, ActionsPayload)
    assert source == "stream"
    assert payload.count == len(payload.actions)
    return payload.actions


def test_passes_on_a_good_batch_unchanged() -> None:
    gateway, good = Gateway(), batch(action(timestamp_start=NOW - 2, timestamp_end=NOW - 1))
    before = msgspec.json.encode(good)
    assert gateway.takes(good)
    assert [msgspec.json.encode(payload) for payload, _ in gateway.let_in] == [before]
    assert gateway.intake.counts == {"accepted": 1}
    assert gateway.intake.last_event_at == NOW


@pytest.mark.parametrize("product", ["", " ", "demo", " demo "])
def test_accepts_a_batch_without_a_product(product: str) -> None:
    gateway = Gateway()
    assert gateway.takes(batch(product_id=product))
    assert gateway.let_in[0][0].product_id == "demo"


def test_counts_unusable_payloads_by_reason() -> None:
    assert Gateway().refusal(batch(product_id="another")) == "other_product"
    assert Gateway().refusal(batch(session_id=None)) == "without_session_id"
    assert Gateway().refusal(batch(session_id="  ")) == "without_session_id"
    assert Gateway().refusal(batch(session_id="x" * (MAX_ID_BYTES + 1))) == "too_long_id"
    assert Gateway().refusal(batch(user_id="x" * (MAX_ID_BYTES + 1))) == "too_long_id"
    assert Gateway().refusal(batch(session_id="s\n2026-11-22 ERROR all is lost")) == "unsafe_id"
    assert Gateway().refusal(batch(user_id="u\x001")) == "unsafe_id"
    assert Gateway().refusal(SummaryPayload("another", "s1", "…")) == "other_product"
    assert Gateway().refusal(UsertourTrigger("f", None)) == "without_session_id"


def test_accepts_ids_of_maximum_length() -> None:
    assert Gateway().takes(batch(session_id="x" * MAX_ID_BYTES, user_id="y" * MAX_ID_BYTES))


def test_passes_on_summaries_and_tour_orders() -> None:
    gateway = Gateway()
    assert gateway.takes(SummaryPayload("", "s1", "They looked round."))
    assert gateway.takes(UsertourTrigger("flow", "s1"))
    assert [payload.product_id for payload, _ in gateway.let_in] == ["demo", "demo"]


def test_action_without_a_time_gets_that_of_its_batch_or_arrival() -> None:
    (dated,) = taken_in(action(timestamp_start=0.0), forwarded_at=NOW - 5)
    assert (dated.timestamp_start, dated.timestamp_end) == (NOW - 5, NOW - 5)
    (undated,) = taken_in(action(timestamp_start=0.0))
    assert undated.timestamp_start == NOW


def test_action_does_not_end_before_it_starts() -> None:
    (taken,) = taken_in(action(timestamp_end=NOW - 100))
    assert taken.timestamp_end == NOW


def test_ignores_a_clock_far_ahead_for_that_action_only() -> None:
    gateway = Gateway()
    limit = NOW + FUTURE_TOLERANCE_S
    assert gateway.takes(
        batch(action(title="far", timestamp_start=limit + 1), action(title="near", timestamp_start=limit))
    )
    ((payload, _),) = gateway.let_in
    assert isinstance(payload, ActionsPayload)
    assert [each.title for each in payload.actions] == ["near"]
    assert payload.count == 1
    assert gateway.intake.counts == {"clock_ahead": 1, "accepted": 1}


def test_derives_a_missing_canonical_url_from_the_raw_one() -> None:
    (made,) = taken_in(action(canonical_url="", raw_url="https://app.example.com/projects/42?x=1"))
    assert made.canonical_url == "https://app.example.com/projects/:id"
    (kept,) = taken_in(action(canonical_url="/own", raw_url="https://app.example.com/projects/42"))
    assert kept.canonical_url == "/own"


def test_future_actions_get_the_arrival_time_in_their_order() -> None:
    actions = taken_in(
        action(title="second", timestamp_start=NOW + 20, timestamp_end=NOW + 21),
        action(title="past", timestamp_start=NOW - 5),
        action(title="first", timestamp_start=NOW + 10),
    )
    assert [(each.title, each.timestamp_start, each.timestamp_end) for each in actions] == [
        ("past", NOW - 5, NOW - 5),
        ("first", NOW, NOW),
        ("second", NOW, NOW),
    ]


def test_event_keeps_its_id_when_the_order_changes() -> None:
    gateway = Gateway()
    ahead, past = action(title="ahead", timestamp_start=NOW + 10), action(title="past")
    assert gateway.takes(batch(ahead, past, event_ids=[1, 2]))
    ((payload, _),) = gateway.let_in
    assert isinstance(payload, ActionsPayload)
    assert [each.title for each in payload.actions] == ["past", "ahead"]
    assert payload.event_ids == [2, 1]


def test_recognises_a_resent_future_action() -> None:
    window, now = ActionWindow(300.0, 200), [NOW]
    added: list[bool] = []

    def keep(payload: Payload, _: str) -> None:
        assert isinstance(payload, ActionsPayload)
        added.extend(window.add(each) for each in payload.actions)

    intake = Intake("demo", "live_activity", lambda: now[0])
    for arrival in (NOW, NOW + 4, NOW + 60):
        now[0] = arrival
        assert intake.accept(batch(action(title="Click Save", timestamp_start=NOW + 10)), keep)
    assert added == [True, False, False]
    now[0] = NOW + 30
    assert intake.accept(batch(action(title="Click Save", timestamp_start=NOW + 30)), keep)
    assert added[3:] == [True]
    assert [each.timestamp_start for each in window.between(0.0, NOW + 60)] == [NOW, NOW + 30]


@pytest.mark.parametrize("claimed", ["jane", " jane", "jane \n"])
def test_normalises_user_ids_like_the_feed(claimed: str) -> None:
    gateway = Gateway()
    assert gateway.takes(batch(user_id=claimed))
    assert gateway.takes(UsertourTrigger("flow", "s1", user_id=claimed))
    assert [payload.user_id for payload, _ in gateway.let_in] == ["jane", "jane"]  # type: ignore[union-attr]


def test_treats_a_blank_user_as_anonymous() -> None:
    gateway = Gateway()
    assert gateway.takes(batch(user_id="  "))
    assert gateway.let_in[0][0].user_id is None  # type: ignore[union-attr]


PRIVATE = st.one_of(
    st.sampled_from(
        ["jane.doe@example.com", "jane%40example.co.uk", "4111 1111 1111 1111", "5500-0000-0000-0004"]
    ),
    st.sampled_from(["+49 170 1234567", "(555) 123-4567", "0170/1234567", "06.12.34.56.78"]),
    st.from_regex(r"ghp_[0-9][0-9A-Za-z]{35}", fullmatch=True),
    st.from_regex(r"sk-[0-9][0-9A-Za-z]{31}", fullmatch=True),
    st.from_regex(r"eyJ[0-9][0-9A-Za-z_-]{20}\.eyJ[0-9A-Za-z_-]{20}\.[0-9A-Za-z_-]{20}", fullmatch=True),
    st.uuids().map(str),
    st.binary(min_size=20, max_size=40).map(bytes.hex).filter(lambda text: any(map(str.isalpha, text))),
)
#: Text that may surround it.
AROUND = st.lists(st.sampled_from([*" ,:'\"", "Save ", "Project P-1042 "]), max_size=3).map("".join)


@given(PRIVATE, AROUND, AROUND)
def test_masks_private_data_in_every_text(private: str, before: str, after: str) -> None:
    text = f"{before}{private} {after}"
    # As encodeURIComponent() writes it: a bare slash would divide the number into two path segments.
    part = quote(private, safe="%@+(),. ")
    address = f"https://app.example.com/{part}/edit?x={private}&y={text}#/{part}"
    gateway = Gateway()
    assert gateway.takes(
        batch(
            action(
                title=text, description=text, type=text, element_id=text, raw_url=address, canonical_url=""
            ),
            action(title=text, description=text, raw_url=address, canonical_url=address),
        )
    )
    assert gateway.takes(SummaryPayload("demo", "s1", text))
    assert gateway.takes(UsertourTrigger("flow", "s1", reason=text))
    for payload, source in gateway.let_in:
        told = msgspec.json.encode(Event(payload, source)).decode()
        assert private not in told
        assert private not in unquote(told)


def test_keeps_the_users_email_and_removes_it_from_titles() -> None:
    gateway = Gateway()
    mine = action(title="Remove jane@example.com", email="jane@example.com")
    assert gateway.takes(batch(mine, email="jane@example.com", user_id="jane@example.com"))
    ((payload, _),) = gateway.let_in
    assert isinstance(payload, ActionsPayload)
    assert (payload.email, payload.user_id) == ("jane@example.com", "jane@example.com")
    assert payload.actions[0].email == "jane@example.com"
    assert payload.actions[0].title == "Remove [e-mail]"


@pytest.mark.parametrize("at", range(MAX_TEXT - 20, MAX_TEXT + 5))
def test_masks_a_secret_at_the_length_limit_whole(at: int) -> None:
    (taken,) = taken_in(action(title="x " * (at // 2) + "4111 1111 1111 1111 x"))
    assert "4111" not in taken.title
    assert len(taken.title) <= MAX_TEXT


ENDLESS = "x" * 100_000


@pytest.mark.parametrize(
    "name",
    ["title", "description", "raw_url", "canonical_url", "type", "element_id", "email", "conversation_id"],
)
def test_truncates_texts_to_their_limit(name: str) -> None:
    (taken,) = taken_in(action(**{name: ENDLESS}))
    assert len(getattr(taken, name)) == MAX_TEXT


def test_truncates_urls_to_their_limit() -> None:
    gateway = Gateway()
    assert gateway.takes(batch(email=ENDLESS))
    assert len(gateway.let_in[0][0].email or "") == MAX_ID_BYTES  # type: ignore[union-attr]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(
    st.sampled_from(
        ["title", "canonical_url", "index", "type", "timestamp_start", "timestamp_end", "raw_url", "user_id"]
    ),
    JSON,
)


@given(
    st.dictionaries(st.sampled_from(["product_id", "session_id", "user_id", "email", "forwarded_at"]), JSON),
    st.lists(FIELDS | JSON, max_size=4),
)
def test_accepts_or_counts_any_payload_and_keeps_it_encodable(
    fields: dict[str, Any], actions: list[Any]
) -> None:
    gateway = Gateway()
    accepted = gateway.takes(ActionsPayload.from_dict({"product_id": "demo", **fields, "actions": actions}))
    assert accepted == (len(gateway.let_in) == 1)
    assert sum(gateway.intake.counts.values()) >= 1
    for payload, source in gateway.let_in:
        assert isinstance(payload, ActionsPayload)
        assert all(0 < a.timestamp_start <= NOW for a in payload.actions)
        assert all(a.timestamp_end >= a.timestamp_start for a in payload.actions)
        carried = msgspec.json.decode(msgspec.json.encode(Event(payload, source)), type=Event)
        assert carried.payload == payload


def test_counts_payloads_dropped_by_a_full_queue() -> None:
    gateway = Gateway()
    gateway.has_room = False
    with pytest.raises(QueueFullError):
        gateway.takes(batch(action()))
    gateway.has_room = True
    assert gateway.takes(batch(action()))
    assert dict(gateway.intake.counts) == {"dropped": 1, "accepted": 1}


def test_event_id_stays_with_its_action() -> None:
    gateway = Gateway()
    future = action(timestamp_start=NOW + 2 * FUTURE_TOLERANCE_S)
    assert gateway.takes(batch(action(title="a"), future, action(title="b"), event_ids=[1, 2, 3]))
    ((payload, _),) = gateway.let_in
    assert isinstance(payload, ActionsPayload)
    assert ([each.title for each in payload.actions], payload.event_ids) == (["a", "b"], [1, 3])


def test_ignores_event_ids_that_do_not_match_the_actions() -> None:
    assert batch(action(), action(), event_ids=[1]).event_ids == []
