"""Sessions of the studio: they expire, slide, and nothing but the key can make one."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.gateway.studio.sessions import COOKIE, StudioSession, StudioSessions
from rasa_autoplay.gateway.studio.signed_values import SignedValues
from rasa_autoplay.settings.secret import Secret

KEY = Secret("key-of-the-operators-0123")


class _Request:
    scheme = "http"

    def __init__(self, cookie: str) -> None:
        self.cookies = {COOKIE: cookie}
        self.headers = {"x-autoplay-studio": "1", "sec-fetch-site": "same-origin"}


class _Response:
    def __init__(self) -> None:
        self.headers: dict[str, str] = {}


class _Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def _cookie_of(sessions: StudioSessions, session: StudioSession) -> Any:
    response = _Response()
    request: Any = _Request("")
    sessions.set_cookie(request, response, session)
    return _Request(response.headers["Set-Cookie"].partition(";")[0].removeprefix(f"{COOKIE}="))


def test_a_session_ends_an_hour_after_the_last_activity() -> None:
    clock = _Clock()
    sessions = StudioSessions(KEY, clock)
    request = _cookie_of(sessions, sessions.begin("/"))
    clock.now += 3_599
    found = sessions.find(request)
    assert found is not None
    renewed = _cookie_of(sessions, sessions.renew(found))
    clock.now += 3_599
    assert sessions.find(request) is None
    assert sessions.find(renewed) is not None
    clock.now += 1
    assert sessions.find(renewed) is None


def test_a_session_ends_after_twelve_hours_however_it_is_used() -> None:
    clock = _Clock()
    sessions = StudioSessions(KEY, clock)
    session: StudioSession | None = sessions.begin("/")
    began_at, last = clock.now, clock.now
    while session is not None:
        last = clock.now
        clock.now += 1_800
        session = sessions.find(_cookie_of(sessions, sessions.renew(session)))
    assert last - began_at <= 12 * 3_600
    assert last - began_at > 11 * 3_600


def test_every_server_with_the_key_accepts_a_session() -> None:
    clock = _Clock()
    here, there = StudioSessions(KEY, clock), StudioSessions(KEY, clock)
    request = _cookie_of(here, here.begin("/"))
    assert there.find(request) is not None
    other = StudioSessions(Secret("another-key-of-operators-1"), clock)
    assert other.find(request) is None
    found = here.find(request)
    assert found is not None
    here.end(found)
    assert here.find(request) is None
    # The other server does not know; docs/security.md says so.
    assert there.find(request) is not None


def test_a_ticket_expires() -> None:
    clock = _Clock()
    sessions = StudioSessions(KEY, clock)
    ticket = sessions.make_ticket(60)
    clock.now += 60
    assert sessions.use_ticket(ticket) == ""


class _Value(msgspec.Struct, frozen=True):
    name: str
    until: float


class _Other(msgspec.Struct, frozen=True):
    name: str
    until: float


_SIGNER, _OTHER = SignedValues(KEY, _Value), SignedValues(KEY, _Other)


@given(st.text(max_size=80), st.floats(allow_nan=False, allow_infinity=False))
def test_a_value_survives_its_signature(name: str, until: float) -> None:
    text = _SIGNER.encode(_Value(name, until))
    assert _SIGNER.decode(text) == _Value(name, until)
    assert _OTHER.decode(text) is None, "a value of one kind is none of another"


@given(st.data())
def test_no_change_of_a_signed_value_is_accepted(data: st.DataObject) -> None:
    text = _SIGNER.encode(_Value("jane", 12.5))
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    changed = text[:place] + letter + text[place + 1 :]
    # The last letter of 32 bytes in base64 has two bits without meaning.
    assert changed == text or _SIGNER.decode(changed) is None


@given(st.text(max_size=300))
def test_no_text_is_accepted_without_a_signature(text: str) -> None:
    assert _SIGNER.decode(text) is None
