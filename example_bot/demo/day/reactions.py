"""How a user reacts to a toast: they ignore it, close it, take the tour, or open the chat."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from example_bot.demo.day.deeds import Deed
from example_bot.demo.day.visits import BULK_EDIT, TimedDeed, bulk_edit_of

__all__ = ["Answer", "EndTour", "OpenChat", "Reaction", "StartTour", "Step", "StepTour", "TimedStep", "react"]


class Answer(NamedTuple):
    """The page reports what became of a toast.

    Args:
        offer_id: the toast.
        event: the receipt, such as ``seen``.
        button: the button with which the user accepted.
    """

    offer_id: str
    event: str
    button: str = ""


class StartTour(NamedTuple):
    """The user chooses "Show me"."""

    tour_id: str
    offer_id: str


class StepTour(NamedTuple):
    """The tour shows its next step."""

    tour_id: str
    step: str


class EndTour(NamedTuple):
    """The tour ends."""

    outcome: str
    step: str


class OpenChat(NamedTuple):
    """The user chooses "Open chat"."""

    trigger_id: str
    offer_id: str


Step = Deed | Answer | StartTour | StepTour | EndTour | OpenChat


class TimedStep(NamedTuple):
    """A step, and how many seconds pass before it."""

    pause_s: float
    step: Step


class Reaction(NamedTuple):
    """A reaction to a toast.

    Args:
        steps: what happens.
        changes_plans: whether the user does this instead of what they came for.
    """

    steps: Sequence[TimedStep]
    changes_plans: bool = False


#: How many of a hundred users answer in each way, where a tour is offered and where not.
_WITH_TOUR = {"show_me": 44, "open_chat": 13, "dismissed": 13, "snoozed": 6, "never": 3, "timed_out": 21}
_WITHOUT_TOUR = {"open_chat": 22, "dismissed": 26, "snoozed": 6, "never": 6, "timed_out": 40}
#: How many of a hundred tours end in each way.
_TOURS = {"finished": 84, "left": 10, "elsewhere": 6}
#: After the steps were explained in the chat, this share of the users follow them.
_FOLLOW_THE_CHAT = 0.75


def react(toast: Mapping[str, Any], dice: random.Random) -> Reaction:
    """Return what a user does about a toast.

    Args:
        toast: the feed's data.
        dice: chance.
    """
    offer_id = str(toast["offer_id"])
    seen = [
        TimedStep(dice.uniform(0.1, 0.3), Answer(offer_id, "rendered")),
        TimedStep(dice.uniform(1.0, 1.6), Answer(offer_id, "seen")),
    ]
    tours = toast.get("tours") or []
    shares = _WITH_TOUR if tours else _WITHOUT_TOUR
    (choice,) = dice.choices(list(shares), list(shares.values()))
    if choice == "show_me":
        return Reaction([*seen, *_take_tour(offer_id, tours[0], dice)], changes_plans=True)
    if choice == "open_chat":
        return Reaction([*seen, *_open_chat(toast, dice)], changes_plans=True)
    pause_s = 10.0 if choice == "timed_out" else dice.uniform(1.5, 7)
    return Reaction([*seen, TimedStep(pause_s, Answer(offer_id, choice))])


def _take_tour(offer_id: str, tour: Mapping[str, Any], dice: random.Random) -> list[TimedStep]:
    tour_id = str(tour["id"])
    (outcome,) = dice.choices(list(_TOURS), list(_TOURS.values()))
    reached = len(BULK_EDIT) if outcome == "finished" else dice.randint(1, len(BULK_EDIT) - 1)
    steps = [
        TimedStep(dice.uniform(2, 6), Answer(offer_id, "accepted", "show_me")),
        TimedStep(0.05, StartTour(tour_id, offer_id)),
    ]
    for number, step in enumerate(BULK_EDIT[:reached]):
        steps += _as_steps(bulk_edit_of(step, dice))
        if number + 1 < len(BULK_EDIT):
            steps.append(TimedStep(0.1, StepTour(tour_id, BULK_EDIT[number + 1])))
    last = BULK_EDIT[min(reached, len(BULK_EDIT) - 1)]
    steps.append(TimedStep(dice.uniform(0.5, 4), EndTour(outcome, "" if outcome == "finished" else last)))
    return steps


def _open_chat(toast: Mapping[str, Any], dice: random.Random) -> list[TimedStep]:
    offer_id = str(toast["offer_id"])
    steps = [
        TimedStep(dice.uniform(2, 6), Answer(offer_id, "accepted", "open_chat")),
        TimedStep(0.05, OpenChat(str(toast["trigger_id"]), offer_id)),
    ]
    if toast.get("tours") and dice.random() < _FOLLOW_THE_CHAT:
        steps.append(TimedStep(dice.uniform(12, 40), Answer(offer_id, "seen")))
        for step in BULK_EDIT:
            steps += _as_steps(bulk_edit_of(step, dice))
    return steps


def _as_steps(deeds: Sequence[TimedDeed]) -> list[TimedStep]:
    return [TimedStep(*deed) for deed in deeds]
