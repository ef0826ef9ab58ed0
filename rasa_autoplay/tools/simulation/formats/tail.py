"""Reads the output of ``rasa-autoplay tail --json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.tools.simulation.formats.entry import LeftOut

__all__ = ["read_moment", "shown_action"]


def read_moment(moment: Mapping[str, Any]) -> tuple[ActionsPayload, str] | LeftOut:
    """Return the action of one line and the source that delivered it.

    Args:
        moment: a moment as :class:`~rasa_autoplay.engine.live_tail.watchers.Watchers` describes it. Decisions
            and offers are left out, because a replay makes its own.

    Raises:
        MalformedEvent: the action has no time.
    """
    if moment.get("kind") != "action":
        return LeftOut("decisions_and_offers")
    action = shown_action(moment, moment.get("at"))
    payload = ActionsPayload.from_dict(
        {"session_id": moment.get("session_id"), "user_id": moment.get("user_id")}
    )
    payload.actions = [action]
    payload.count = 1
    return payload, str(moment.get("source") or "stream")


def shown_action(shown: Mapping[str, Any], at: object) -> SlimAction:
    """Return an action that was shown to operators, who see no raw URL and no description.

    Args:
        shown: ``{type, title, page, element_id?, signal?}``.
        at: when it happened.

    Raises:
        MalformedEvent: it has no time.
    """
    action = SlimAction.from_dict({**shown, "canonical_url": shown.get("page"), "timestamp_start": at})
    if not action.timestamp_start:
        raise MalformedEvent("the action has no time")
    return action
