"""The wire models: what an untrusted source may send in them."""

from __future__ import annotations

import msgspec
import pytest

from rasa_autoplay.events.models import SIGNALS, SlimAction


@pytest.mark.parametrize("signal", sorted(SIGNALS))
def test_accepts_a_signal_from_the_source(signal: str) -> None:
    action = SlimAction.from_dict({"title": "Click Save", "signal": signal})
    assert action.signal == signal
    assert msgspec.json.decode(msgspec.json.encode(action), type=SlimAction) == action


@pytest.mark.parametrize("junk", [None, "", "Error", "anything", 7, True, ["error"], {"error": 1}])
def test_ignores_an_unknown_signal(junk: object) -> None:
    assert SlimAction.from_dict({"title": "Click Save", "signal": junk}).signal == ""


def test_omits_the_signal_of_an_ordinary_action_on_the_wire() -> None:
    assert b"signal" not in msgspec.json.encode(SlimAction("Click Save", "", "/a"))
