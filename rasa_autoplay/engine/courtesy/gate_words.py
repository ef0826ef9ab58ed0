"""Says in words why each gate was closed, for people who read counts."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["GATE_WORDS"]

#: By the gate's name: why it stopped a trigger.
GATE_WORDS: Mapping[str, str] = {
    "paused": "a person has paused the trigger",
    "muted": "the user has muted all tips",
    "muted_topic": "the user has muted tips about the same topic",
    "answered": "the user has answered the same question before",
    "mastered": "the user masters the workflow already",
    "roles": "the user has another role",
    "newcomers": "the user is new and may look around first",
    "path_per_user": "the user has seen as many toasts about this workflow as are allowed",
    "path_per_day": "the user has seen enough toasts about this workflow today",
    "trigger_per_user": "the user has seen this toast as often as is allowed",
    "trigger_per_day": "the user has seen this toast often enough today",
    "per_user_per_day": "the user has seen enough toasts today",
    "quiet_hours": "it was during the quiet hours",
    "own_quiet_hours": "it was during the user's own quiet hours",
    "path_min_interval": "a toast about this workflow was shown a short while before",
    "trigger_min_interval": "this toast was shown a short while before",
    "min_interval": "another toast was shown a short while before",
    "attention": "a toast, the chat or a tour had the user's attention",
    "one_at_a_time": "another offer was still open",
    "typing": "the user was typing",
    "hold_until": "no natural pause had come yet",
}
