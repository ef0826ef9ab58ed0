"""What the gateway asks the engine for a user's "My tips"."""

from __future__ import annotations

from rasa_autoplay.link.request_types import UserRequest
from rasa_autoplay.link.tip_answers import TipsFound, TipsOpened, TourRestarted

__all__ = ["ChangeTips", "FindTips", "OpenTips", "RestartTour"]


class FindTips(UserRequest[TipsFound], tag="find_tips", frozen=True):
    """Get the user's tips.

    Args:
        user_id: the user.
        url: the user's page, to say which tours begin there; may be empty.
    """

    url: str = ""


class ChangeTips(UserRequest[TipsFound], tag="change_tips", frozen=True):
    """Change what the user has chosen, and get their tips.

    Args:
        user_id: the user.
        change: one of ``TIP_CHANGES``.
        topic: the topic to mute or unmute; empty for other changes.
        for_s: how long to mute it, seconds; 0 for until the user unmutes it.
        begins: when quiet hours begin, such as ``22:00``; empty for other changes.
        ends: when they end.
        zone: IANA name of the time zone in which the user has chosen them.
        url: the user's page; may be empty.
    """

    change: str
    topic: str = ""
    for_s: float = 0.0
    begins: str = ""
    ends: str = ""
    zone: str = ""
    url: str = ""


class RestartTour(UserRequest[TourRestarted], tag="restart_tour", frozen=True):
    """Record that the user asks for a tour again; ``/tour/start`` then accepts the answer's offer."""

    tour_id: str


class OpenTips(UserRequest[TipsOpened], tag="open_tips", frozen=True):
    """Open the list on the user's page, because they ask for it in the chat."""
