"""The sessions of all shares, sent between processes in few pieces."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from rasa_autoplay.engine.replay.results import SessionStory
from rasa_autoplay.engine.sessions.session import SessionKey

__all__ = ["SentStories", "joined_stories", "sent_stories"]


class SentStories(NamedTuple):
    """Some sessions, without their actions.

    Args:
        keys: the sessions.
        user_ids: the last known user of each; empty if it stayed anonymous.
        counts: how many actions each has.
        times: the times of all their actions, one session after the other, epoch seconds.
    """

    keys: list[SessionKey]
    user_ids: list[str]
    counts: array[int]
    times: array[float]


def sent_stories(stories: Mapping[SessionKey, SessionStory]) -> SentStories:
    """Return sessions in a form that is small and quickly pickled."""
    times = array("d")
    for story in stories.values():
        times.extend(story.times)
    counts = array("I", [len(story.times) for story in stories.values()])
    return SentStories(list(stories), [story.user_id for story in stories.values()], counts, times)


def joined_stories(
    sessions: Sequence[SessionKey], shares: Iterable[SentStories]
) -> dict[SessionKey, SessionStory]:
    """Return the sessions of all shares.

    Args:
        sessions: their order.
        shares: what was sent.
    """
    found: dict[SessionKey, SessionStory] = {}
    for share in shares:
        ends = accumulate(share.counts)
        for key, user_id, count, end in zip(share.keys, share.user_ids, share.counts, ends, strict=True):
            found[key] = SessionStory(key[1], user_id, times=share.times[end - count : end])
    return {key: found[key] for key in sessions}
