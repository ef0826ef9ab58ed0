from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from example_bot import recording
from example_bot.recording import Recorded

Retell = Callable[..., list[Recorded]]

NOW = 1_800_000_000.0


def events(requests: list[Recorded]) -> list[dict[str, Any]]:
    bodies = [request.json() for request in requests]
    return [e for body in bodies for e in (body if isinstance(body, list) else body.get("batch", [body]))]


def test_replayed_body_keeps_its_compression_and_shape(recorded: list[Recorded], rebased: Retell) -> None:
    retold = rebased(user_id="u2", session_id="s2", now=NOW)
    assert len(retold) == len(recorded)
    for before, after in zip(recorded, retold, strict=True):
        assert (before.path, before.content_type, before.encoding) == (
            after.path,
            after.content_type,
            after.encoding,
        )
        assert before.body[:2] == after.body[:2]
        assert [name for name, _ in parse_qsl(before.query)] == [name for name, _ in parse_qsl(after.query)]
        assert len(events([before])) == len(events([after]))
        assert list(events([before])[0]) == list(events([after])[0])


def test_replay_contains_no_user_of_the_recording(rebased: Retell) -> None:
    retold = rebased(user_id="u2", session_id="s2", now=NOW, email="u2@b.example", product_id="mine")
    for event in events(retold):
        assert "demo-user-1" not in repr(event)
        assert "acme-projects" not in repr(event)
        assert event["properties"]["$session_id"] == "s2"
        assert event["properties"]["distinct_id"] in ("u2", event["properties"]["$device_id"])


def test_ids_are_new_for_each_replay_and_consistent(recorded: list[Recorded], rebased: Retell) -> None:
    first, second = (rebased(user_id="u2", session_id="s2", now=NOW) for _ in range(2))
    ids = [{event["uuid"] for event in events(requests)} for requests in (recorded, first, second)]
    assert len(ids[0] | ids[1] | ids[2]) == 3 * len(ids[0])
    assert len({event["properties"]["$device_id"] for event in events(first)}) == 1
    # A page view's id is that of its event.
    view = next(event for event in events(first) if event["event"] == "$pageview")
    assert view["properties"]["$pageview_id"] == view["uuid"]


def test_shifts_all_times_together(recorded: list[Recorded], rebased: Retell) -> None:
    retold = rebased(user_id="u2", session_id="s2", now=NOW)
    shift = retold[0].received_at - recorded[0].received_at
    moved = [after["properties"]["$time"] for after in events(retold)]
    assert moved == pytest.approx(
        [before["properties"]["$time"] + shift for before in events(recorded)], abs=0.01
    )
    assert max(moved) == pytest.approx(NOW, abs=0.5)


def test_unknown_story_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        recording.load("nothing")
