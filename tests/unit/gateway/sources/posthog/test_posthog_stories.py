"""The requests of the recorded browsers yield what their users did."""

from __future__ import annotations

from collections.abc import Callable

from example_bot.recording import Recorded
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest

Decode = Callable[[Recorded], CapturedRequest]

PROJECTS = "http://127.0.0.1:6110/projects"
#: Recorded without `request_batching: false`.
IN_BATCHES = {
    "edit_three_projects__batched",
    "edit_three_projects__remote_config",
    "discover_bulk_edit__posthog-js-1.249.0",
}
OPEN = ("pageview", "Page load: Projects", "")
EDIT_ONE = [
    ("click", "Click Edit", ""),
    ("type", "Change priority", "edit-priority"),
    ("click", "Click Save changes", "edit-save"),
]
EDIT_THREE = [OPEN, *EDIT_ONE * 3]
BULK_EDIT = [
    OPEN,
    ("click", "Click Table options", "projects-table-options"),
    ("click", "Click Bulk edit", "projects-bulk-edit-toggle"),
    ("click", "Click Select Website relaunch", "project-checkbox-P-1042"),
    ("click", "Click Select Mobile app", "project-checkbox-P-1043"),
    ("click", "Click Select Data warehouse", "project-checkbox-P-1044"),
    ("type", "Change bulk priority", "bulk-priority"),
    ("click", "Click Apply to 3", "bulk-apply"),
]


def in_order(actions: list[SlimAction]) -> list[tuple[str, str, str]]:
    ordered = sorted(actions, key=lambda action: action.timestamp_start)
    return [(action.type, action.title, action.element_id) for action in ordered]


def test_every_recording_yields_what_the_user_did(
    story: str, recorded: list[Recorded], decode: Decode
) -> None:
    reader = CaptureReader("demo")
    payloads = [payload for request in recorded for payload in reader.read(decode(request))]
    actions = [action for payload in payloads for action in payload.actions]
    assert in_order(actions) == (EDIT_THREE if story.startswith("edit") else BULK_EDIT)
    assert {action.canonical_url for action in actions} == {PROJECTS}
    assert (
        {action.user_id for action in actions} == {payload.user_id for payload in payloads} == {"demo-user-1"}
    )
    assert {payload.email for payload in payloads} == {"demo-user-1@example.com"}
    assert {payload.product_id for payload in payloads} == {"demo"}
    assert len({payload.session_id for payload in payloads}) == 1
    assert sorted(action.index for action in actions) == list(range(len(actions)))
    assert (reader.counts.malformed, reader.counts.duplicate) == (0, 0)


def test_batching_shows_as_delayed_actions(story: str, recorded: list[Recorded], decode: Decode) -> None:
    reader = CaptureReader("demo")
    for request in recorded:
        reader.read(decode(request))
    counts = reader.counts
    assert counts.anonymous == 0
    if story in IN_BATCHES:
        assert counts.held_back > counts.accepted / 4
    else:
        assert counts.held_back == 0


def test_resent_recording_yields_nothing(recorded: list[Recorded], decode: Decode) -> None:
    reader = CaptureReader("demo")
    events = sum(len(decode(request).events) for request in recorded)
    for request in recorded:
        reader.read(decode(request))
    before = reader.counts.accepted
    assert [payload for request in recorded for payload in reader.read(decode(request))] == []
    assert (reader.counts.accepted, reader.counts.duplicate) == (before, events)


def test_replayed_recording_happens_now_to_another_user(
    story: str, rebased: Callable[..., list[Recorded]], decode: Decode
) -> None:
    now = 1_800_000_000.0
    reader = CaptureReader("demo")
    payloads = []
    for request in rebased(user_id="u2", session_id="s2", now=now, email="u2@b.example"):
        payloads += reader.read(decode(request))
    actions = [action for payload in payloads for action in payload.actions]
    assert in_order(actions) == (EDIT_THREE if story.startswith("edit") else BULK_EDIT)
    assert {(p.user_id, p.session_id, p.email) for p in payloads} == {("u2", "s2", "u2@b.example")}
    assert all(now - 30 < action.timestamp_start < now + 1 for action in actions)
