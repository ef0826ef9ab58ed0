"""The wire models: what an untrusted source may say in them."""

from __future__ import annotations

import msgspec
import pytest

from rasa_autoplay.events.models import SIGNALS, SlimAction


@pytest.mark.parametrize("signal", sorted(SIGNALS))
def test_a_source_may_say_what_went_wrong(signal: str) -> None:
    action = SlimAction.from_dict({"title": "Click Save", "signal": signal})
    assert action.signal == signal
    assert msgspec.json.decode(msgspec.json.encode(action), type=SlimAction) == action


@pytest.mark.parametrize("junk", [None, "", "Error", "anything", 7, True, ["error"], {"error": 1}])
def test_an_unknown_signal_is_none(junk: object) -> None:
    assert SlimAction.from_dict({"title": "Click Save", "signal": junk}).signal == ""


def test_an_ordinary_action_carries_no_signal_on_the_wire() -> None:
    assert b"signal" not in msgspec.json.encode(SlimAction("Click Save", "", "/a"))
