"""A second implementation of ``docs/memory.md``: slow, obvious, and without any product code.

A session is a list of acts on controls. All questions about it are answered from the whole list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = [
    "Act",
    "Attempt",
    "PlainStep",
    "attempts",
    "failures",
    "is_complete",
    "percentage",
    "position",
    "repeated",
    "required",
    "skipped",
    "tour",
    "tracked",
    "upcoming",
]


@dataclass(frozen=True)
class PlainStep:
    """A step: the controls of each way to do it, and what the file says about it."""

    ways: tuple[frozenset[str], ...]
    optional: bool = False
    several: bool = False

    def is_done_by(self, act: Act) -> bool:
        """Whether this control is one of those of any way."""
        return any(act.control in way for way in self.ways)


@dataclass(frozen=True)
class Act:
    """What a user did to a control, or the failure that followed."""

    control: str
    at: float
    signal: str = ""


@dataclass
class Attempt:
    """The acts of one attempt that did a step, with the step; and the steps that failed."""

    did: list[tuple[int, Act]] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)

    @property
    def done(self) -> set[int]:
        """The steps that were done."""
        return {step for step, _ in self.did}


def tracked(steps: Sequence[PlainStep]) -> list[int]:
    """The steps that acts can show."""
    return [number for number, step in enumerate(steps) if step.ways]


def required(steps: Sequence[PlainStep]) -> list[int]:
    """The tracked steps that a workflow needs."""
    return [number for number in tracked(steps) if not steps[number].optional]


def is_complete(steps: Sequence[PlainStep], done: set[int]) -> bool:
    """Whether the result is there, or nothing is left to do."""
    return tracked(steps)[-1] in done or (bool(done) and set(required(steps)) <= done)


def percentage(steps: Sequence[PlainStep], done: set[int]) -> float:
    """The share of the required steps."""
    if is_complete(steps, done):
        return 100.0
    return round(100.0 * len(done & set(required(steps))) / len(required(steps)), 1)


def position(steps: Sequence[PlainStep], attempt: Attempt) -> int:
    """The step that the user has reached: the one done last. Doing several things does not lead back."""
    place = -1
    for number, (step, _) in enumerate(attempt.did):
        is_again = any(step == earlier for earlier, _ in attempt.did[:number])
        if not (is_again and steps[step].several):
            place = step
    return place


def upcoming(steps: Sequence[PlainStep], attempt: Attempt) -> int | None:
    """The step after that."""
    if is_complete(steps, attempt.done):
        return None
    place = position(steps, attempt)
    return min(step for step in tracked(steps) if step > place and step not in attempt.done)


def skipped(steps: Sequence[PlainStep], done: set[int]) -> list[int]:
    """The required steps that were left out before the furthest one."""
    return [step for step in required(steps) if step not in done and step < max(done)]


def repeated(steps: Sequence[PlainStep], attempt: Attempt) -> list[int]:
    """The steps that one control did again, unless users may do them several times."""
    found = []
    for number, (step, act) in enumerate(attempt.did):
        before = {earlier.control for place, earlier in attempt.did[:number] if place == step}
        if act.control in before and not steps[step].several:
            found.append(step)
    return found


def attempts(steps: Sequence[PlainStep], session: Sequence[Act]) -> list[Attempt]:
    """Return the attempts that a session has begun, in order of time."""
    found = [Attempt()]
    for act in session:
        fits = _fits(steps, act)
        latest = found[-1]
        if act.signal:
            if fits and not _is_quick_repetition(steps, act):
                latest.failed.append(_meant(steps, latest, fits))
            elif not fits and latest.did and act.at - latest.did[-1][1].at <= 10:
                latest.failed.append(latest.did[-1][0])
        elif fits:
            step = _meant(steps, latest, fits)
            if _starts_anew(steps, latest, step):
                found.append(Attempt())
            found[-1].did.append((step, act))
    return [each for each in found if each.done and (tracked(steps)[0] in each.done or len(each.done) > 1)]


def _fits(steps: Sequence[PlainStep], act: Act) -> list[int]:
    return [number for number, step in enumerate(steps) if step.is_done_by(act)]


def _is_quick_repetition(steps: Sequence[PlainStep], act: Act) -> bool:
    return act.signal == "rage_click" and any(steps[step].several for step in _fits(steps, act))


def _meant(steps: Sequence[PlainStep], attempt: Attempt, fits: list[int]) -> int:
    if attempt.did:
        last, act = attempt.did[-1]
        if steps[last].several and _fits(steps, act) == fits:
            return last
    undone = [step for step in fits if step not in attempt.done]
    ahead = [step for step in undone if step > position(steps, attempt)]
    return (ahead + undone + [fits[-1]])[0]


def _starts_anew(steps: Sequence[PlainStep], attempt: Attempt, step: int) -> bool:
    if step != tracked(steps)[0] or not attempt.did:
        return False
    if steps[step].several:
        return is_complete(steps, attempt.done) and attempt.did[-1][0] != step
    return is_complete(steps, attempt.done) or attempt.done != {step}


def failures(steps: Sequence[PlainStep], session: Sequence[Act]) -> tuple[list[Act], list[Act]]:
    """Return the newest failures between which no step succeeded, and those before them."""
    events: list[Act] = []
    for act in session:
        done = [each for each in events if not each.signal]
        is_near = bool(done) and act.at - done[-1].at <= 10
        if not _is_quick_repetition(steps, act) and (_fits(steps, act) or (act.signal and is_near)):
            events.append(act)
    if not any(_fits(steps, act) for act in session):
        return [], []
    succeeded = [n for n in range(len(events) - 1) if _has_succeeded(steps, events[n], events[n + 1])]
    newest = succeeded[-1] if succeeded else -1
    return (
        [act for number, act in enumerate(events) if act.signal and number > newest],
        [act for number, act in enumerate(events) if act.signal and number < newest],
    )


def _has_succeeded(steps: Sequence[PlainStep], act: Act, after: Act) -> bool:
    if act.signal or (after.signal and after.at - act.at <= 10):
        return False
    is_allowed = any(steps[step].several for step in _fits(steps, after))
    return after.control != act.control or is_allowed


def tour(steps: Sequence[PlainStep], before: Sequence[Act], during: Sequence[Act]) -> list[set[int]]:
    """Return the steps that are done when a tour starts, and after each act during the tour."""
    known = attempts(steps, before)
    under_way = known[-1] if known and not is_complete(steps, known[-1].done) else Attempt()
    states = []
    for number in range(len(during) + 1):
        now = Attempt(list(under_way.did))
        for act in during[:number]:
            fits = _fits(steps, act)
            if fits and not act.signal:
                now.did.append((_meant(steps, now, fits), act))
        states.append(now.done)
    return states
