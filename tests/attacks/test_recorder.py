"""Nobody records without a link, and a recorder's key opens nothing else; what it sends is hostile."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.gateway import BASE, ServedGateway, served_gateway
from support.run import asynchronous

from rasa_autoplay.engine.knowledge.draft_file import file_of
from rasa_autoplay.engine.path_drafts.draft_check import check_draft
from rasa_autoplay.engine.path_drafts.step_proofs import proved_steps, with_proofs
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.gateway.recorder.recorder_keys import RecorderKey, RecorderKeys
from rasa_autoplay.gateway.studio.sessions import COOKIE, StudioSessions
from rasa_autoplay.gateway.studio.signed_values import SignedValues
from rasa_autoplay.link.path_draft_requests import MatchAction
from rasa_autoplay.settings.secret import Secret

KEY = "canary-of-the-admin-key-0123456789"
APP = "https://app.example.com"
STRANGER = "https://evil.example"
DRAFT: dict[str, Any] = {"id": "save", "title": "Save", "steps": [{"id": "save", "text": "Press it."}]}
CLICK: dict[str, Any] = {
    "event": "$autocapture",
    "properties": {
        "$event_type": "click",
        "$current_url": f"{APP}/",
        "$elements": [{"tag_name": "button", "$el_text": "Save", "attr__id": "save"}],
    },
}
BODIES: dict[str, dict[str, Any]] = {
    "action": {"event": CLICK},
    "draft": {"draft": DRAFT},
    "save": {"draft": DRAFT},
}
OPERATORS = [
    ("GET", "/path-drafts"),
    ("GET", "/path-drafts/draft_1"),
    ("POST", "/path-drafts/write"),
    ("POST", "/path-drafts/delete"),
    ("POST", "/recorder/links"),
    ("POST", "/studio/ticket"),
    ("GET", "/explain/u1"),
    ("GET", "/golden-paths"),
]


def gateway(**settings: Any) -> Any:
    return served_gateway(admin_key=KEY, allowed_origins=[APP], **settings)


def keys_of(admin_key: str = KEY, age_s: float = 0.0) -> RecorderKeys:
    """The keys of a server, made some time ago."""
    return RecorderKeys(Secret(admin_key), lambda: time.time() - age_s, time.monotonic)


async def post(
    served: ServedGateway, route: str, body: object, key: str = "", **headers: str
) -> tuple[int, Any, Mapping[str, str]]:
    sent = {"Origin": APP, **({"Authorization": f"Bearer {key}"} if key else {}), **headers}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with served.http.post(f"{served.origin}{BASE}/{route}", data=data, headers=sent) as response:
        return response.status, await response.json(), response.headers


async def begin(served: ServedGateway) -> tuple[str, str]:
    """Record in a page; return the token and the key."""
    _, made, _ = await post(served, "recorder/links", {"page": f"{APP}/"}, KEY)
    token = made["link"].rpartition("=")[2]
    status, begun, _ = await post(served, "recorder/session", {"token": token})
    assert status == 200
    return token, begun["key"]


@asynchronous
async def test_a_token_works_once_and_for_an_hour() -> None:
    async with gateway() as served:
        token, key = await begin(served)
        expired, _ = keys_of(age_s=3601).make_token("")
        foreign, _ = keys_of("another-server").make_token("")
        ticket = StudioSessions(Secret(KEY), time.time).make_ticket(60)
        made, _ = keys_of().make_token("")
        damaged = made[:-2] + ("AA" if made[-2:] != "AA" else "BB")
        for wrong in (token, expired, foreign, ticket, damaged, key, KEY, "x", "x" * 1_000, "é"):
            status, answer, _ = await post(served, "recorder/session", {"token": wrong})
            assert status == 401, wrong
            assert "record --live" in answer["remedy"]


@asynchronous
async def test_a_token_that_another_server_has_used_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def claimed_already(_what: str, _for_s: float) -> bool:
        return False

    async with gateway() as served:
        _, made, _ = await post(served, "recorder/links", {"page": f"{APP}/"}, KEY)
        monkeypatch.setattr(served.gateway, "claim_once", claimed_already)
        token = made["link"].rpartition("=")[2]
        assert (await post(served, "recorder/session", {"token": token}))[0] == 401


@asynchronous
async def test_a_key_works_until_its_token_would_expire_and_opens_nothing_else() -> None:
    keys = SignedValues(Secret(KEY), RecorderKey)
    expired = keys.encode(RecorderKey("k", time.time() - 1))
    cookie = StudioSessions(Secret(KEY), time.time)
    signed_in = {"Cookie": f"{COOKIE}={cookie._cookies.encode(cookie.begin('/'))}"}
    for route, body in BODIES.items():
        async with gateway() as served:
            token, key = await begin(served)
            assert (await post(served, f"recorder/{route}", body, key))[0] == 200
            for wrong in ("", token, expired, KEY, "x", f"{key}x"):
                assert (await post(served, f"recorder/{route}", body, wrong))[0] == 401, (route, wrong)
            assert (await post(served, f"recorder/{route}", body, **signed_in))[0] == 401
    async with gateway() as served:
        _, key = await begin(served)
        for method, path in OPERATORS:
            headers = {"Authorization": f"Bearer {key}"}
            assert (await served.request(method, path, b"{}" if method == "POST" else b"", headers))[0] == 401


@asynchronous
async def test_limits_guesses_and_the_requests_of_one_recorder() -> None:
    async with gateway() as served:
        _, key = await begin(served)
        found = [(await post(served, "recorder/draft", {"draft": DRAFT}, key))[0] for _ in range(60)]
        assert found[:40] == [200] * 40
        assert found[-1] == 429
        guesses = [await post(served, "recorder/session", {"token": f"guess {n}"}) for n in range(15)]
        assert [status for status, _, _ in guesses][:8] == [401] * 8
        assert guesses[-1][0] == 429
        assert int(guesses[-1][2]["Retry-After"]) >= 1
        token, _ = keys_of().make_token("")
        assert (await post(served, "recorder/session", {"token": token}))[0] == 429, "even a right one"
        health = (await served.request("GET", "/"))[1]
        assert health["rate_limited"]["by_recorder_key"] > 1


@asynchronous
async def test_everything_is_closed_without_an_admin_key() -> None:
    async with served_gateway(admin_key="", allowed_origins=[APP]) as served:
        token, _ = keys_of("").make_token("")
        for route, body in ({"links": {"page": APP}, "session": {"token": token}} | BODIES).items():
            assert (await post(served, f"recorder/{route}", body, "x"))[0] == 404, route


@asynchronous
async def test_pages_of_other_sites_get_nothing() -> None:
    async with gateway() as served:
        _, key = await begin(served)
        token, _ = keys_of().make_token("")
        for origin in (STRANGER, "null", f"{APP}.evil.example", "http://app.example.com"):
            for route, body in ({"session": {"token": token}} | BODIES).items():
                status, _, headers = await post(served, f"recorder/{route}", body, key, Origin=origin)
                assert status == 403, (origin, route)
                assert not [name for name in headers if name.lower().startswith("access-control-")]
        status, _, headers = await post(served, "recorder/session", {"token": token})
        assert status == 200, "a refused page has not used it up"
        assert headers["Access-Control-Allow-Origin"] == APP


@pytest.mark.parametrize(
    "page",
    [
        STRANGER,
        f"{APP}.evil.example/",
        f"{APP}@evil.example/",
        f"https://user:secret@{APP.removeprefix('https://')}/",
        f"{APP}\\@evil.example/",
        f"{APP}:444/",
        "http://app.example.com/",
        "//app.example.com/",
        "/projects",
        "javascript:alert(1)//https://app.example.com",
        "data:text/html,x",
        "file:///etc/passwd",
        "chrome-extension://app.example.com/",
        f"{APP}/a b",
        f"{APP}/a\nb",
        f"{APP}/\u202e",
        "https://[",
        f"{APP}/{'x' * 2_050}",
    ],
)
@asynchronous
async def test_links_lead_only_to_pages_that_may_use_the_copilot(page: str) -> None:
    async with gateway() as served:
        status, answer, _ = await post(served, "recorder/links", {"page": page}, KEY)
        assert status == 400
        assert answer.get("remedy") or "longer" in answer["error"]
        assert "secret" not in json.dumps(answer)


@asynchronous
async def test_hostile_bodies_get_clear_errors() -> None:
    async with gateway() as served:
        _, key = await begin(served)
        wrong_types: list[Any] = [None, 5, "x", [], [{}], True]
        for route, name in (("action", "event"), ("draft", "draft"), ("save", "draft")):
            for value in wrong_types:
                status, answer, _ = await post(served, f"recorder/{route}", {name: value}, key)
                assert (status, f"'{name}' must be an object" in answer["error"]) == (400, True)
            for body in (b"[", b"\xff", b"[" * 100_000, b'{"draft":' * 5_000, b"null"):
                assert (await post(served, f"recorder/{route}", body, key))[0] == 400
            huge = {name: {"x": "x" * 300_000}}
            assert (await post(served, f"recorder/{route}", huge, key))[0] == 413
        deep: Any = {}
        for _ in range(500):
            deep = {"a": deep}
        for event in (
            {"event": "$identify", "properties": {}},
            {"event": "$autocapture"},
            {"event": "$autocapture", "properties": {"$elements": deep}},
            {"event": "$autocapture", "properties": {"$event_type": "click", "$elements": [deep] * 9}},
            {"event": "$pageview", "properties": []},
            {"event": ["$pageview"], "properties": {}},
            {"event": "$autocapture", "properties": {"$event_type": "click", "$elements": [{"tag_name": 5}]}},
        ):
            assert (await post(served, "recorder/action", {"event": event}, key))[0] in (200, 400), event
            # 200 only for an element that can be named.
        assert (await post(served, "recorder/action", {"event": CLICK, "draft": [DRAFT]}, key))[0] == 400


@asynchronous
async def test_personal_data_and_typed_values_reach_nobody() -> None:
    private = ("ann.lee@example.com", "4111 1111 1111 1111", "+44 20 7946 0958", "hunter2", "eyJhbGciOi")
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
    texts = [*private[:3], token]
    elements = [
        *({"tag_name": "button", "$el_text": f"Call {text}", "attr__id": text} for text in texts),
        *({"tag_name": "a", "attr__href": f"/?q={text}", "attr__title": text} for text in texts),
    ]
    fields: list[dict[str, Any]] = [
        {"tag_name": "input", "attr__type": "password", "attr__value": "hunter2", "attr__name": "secret"},
        {"tag_name": "input", "attr__value": "hunter2", "$el_text": "hunter2", "attr__id": "name"},
        {"tag_name": "textarea", "$el_text": "hunter2", "attr__value": "hunter2", "attr__id": "note"},
    ]
    async with gateway() as served:
        _, key = await begin(served)
        for kind, element in [*(("click", e) for e in elements), *(("change", f) for f in fields)]:
            properties = {
                "$event_type": kind,
                "$current_url": f"{APP}/?email={private[0]}&token={token}",
                "$elements": [element],
                "$set": {"email": private[0]},
                "$user_id": private[0],
            }
            event = {"event": "$autocapture", "properties": properties}
            status, answer, _ = await post(served, "recorder/action", {"event": event}, key)
            assert status == 200
            asked = served.link.asked[-1]
            assert isinstance(asked, MatchAction)
            seen = json.dumps([answer, msgspec.to_builtins(asked)])
            assert not [text for text in private if text in seen], seen


@asynchronous
async def test_no_secret_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with gateway() as served:
        token, key = await begin(served)
        for route, body in BODIES.items():
            await post(served, f"recorder/{route}", body, key)
            await post(served, f"recorder/{route}", body, f"{key}x")
        answers = [await post(served, "recorder/session", {"token": token})]
        answers.append(await post(served, "recorder/session", {"token": f"{token}x"}))
        said = caplog.text + json.dumps([answer for _, answer, _ in answers])
        assert not [secret for secret in (token, key, KEY) if secret in said]
        assert token not in repr(served.gateway.recorder_keys)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("id", "title", "element", "label", "text", "tooltip", "done_when", "several", "optional", "any")
STEPS = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5) | JSON
DRAFTS = st.fixed_dictionaries(
    {}, optional={"id": JSON, "title": JSON, "page": JSON, "steps": st.lists(STEPS, max_size=3) | JSON}
)
HOSTILE = st.text(st.characters(), max_size=20) | st.sampled_from(
    ['"\n- id: x', "${HOME}", "!!python/object/apply:os.system [x]", "a: &x [*x]", "\u2028x: y", "'\n'"]
)
VALID = st.fixed_dictionaries(
    {
        "id": HOSTILE,
        "title": HOSTILE,
        "description": HOSTILE,
        "page": HOSTILE,
        "steps": st.lists(
            st.fixed_dictionaries(
                {"id": HOSTILE, "title": HOSTILE, "text": HOSTILE},
                optional={"element": HOSTILE, "label": HOSTILE, "done_when": st.builds(dict, title=HOSTILE)},
            ),
            min_size=1,
            max_size=3,
        ),
    }
)


@given(DRAFTS | VALID)
def test_a_file_says_exactly_what_the_draft_says(draft: dict[str, Any]) -> None:
    whole = with_proofs(draft)
    proved_steps(draft, SlimAction("Click Save", "", f"{APP}/", type="click", element_id="save"))
    path, errors = check_draft(whole)
    assert (path is None) == bool(errors)
    for error in errors:
        assert error.place
        assert error.message
        assert error.remedy
        assert len(error.place) < 1_000
    if path is not None:
        text = file_of(whole)
        assert yaml.safe_load(text) == _without_empty(whole)
        assert "${" not in text


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty(inner) for key, inner in value.items() if inner is not None}
    return [_without_empty(inner) for inner in value] if isinstance(value, list) else value
