"""Decides which steps of a golden path are suspect, from what the latest sessions show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from rasa_autoplay.engine.freshness.drop_test import FEWEST_USERS, Look, find_drop
from rasa_autoplay.engine.freshness.observation import MissingReport, PathObservation, StepObservation
from rasa_autoplay.engine.freshness.replacements import InSession, StepOfPath, likely_replacement
from rasa_autoplay.engine.freshness.suspect import Seen, Suspect, Why

__all__ = ["Evidence", "assess"]


class Evidence(NamedTuple):
    """What is known of one golden path.

    Args:
        observations: of its latest sessions, in order of their times.
        reports: of browsers that could not find an element of it.
        counts_from: what is older than this does not count, because a person has confirmed the step since;
            epoch seconds, by step id and digest.
    """

    observations: Sequence[PathObservation]
    reports: Sequence[MissingReport] = ()
    counts_from: Mapping[tuple[str, str], float] = {}


class _Seen(NamedTuple):
    """One session's observation of the step."""

    at: float
    user_id: str
    step: StepObservation


def assess(step: StepOfPath, evidence: Evidence) -> Suspect | None:
    """Return why a step is suspect; None if it is not.

    Args:
        step: the step.
        evidence: about its path.
    """
    begin = evidence.counts_from.get((step.step_id, step.digest), 0.0)
    seen = [
        _Seen(each.at, each.user_id, found)
        for each in evidence.observations
        if each.at > begin
        and (found := each.steps.get(step.step_id)) is not None
        and found.digest == step.digest
    ]
    # Where no ids are sent, a step with another id looks as before, and one with another name is gone.
    for has_ids in (True, False):
        alike = [each for each in seen if each.step.has_ids is has_ids]
        for why, is_a_look, is_done in _QUESTIONS:
            suspect = _assess_drop(step, why, [each for each in alike if is_a_look(each.step)], is_done)
            if suspect is not None:
                return suspect
    return _assess_reports(step, seen, [each for each in evidence.reports if each.at > begin])


_Test = Callable[[StepObservation], bool]


def _is_there(found: StepObservation) -> bool:
    """Whether the session did the step, or something in its place."""
    return found.done_at > 0 or found.is_between or bool(found.kin)


#: Why a step is suspect, which sessions show something about it, and what they showed while all was well.
_QUESTIONS: tuple[tuple[Why, _Test, _Test], ...] = (
    ("not done", lambda found: found.is_between, lambda found: found.done_at > 0),
    ("not done", _is_there, lambda found: not found.kin),
    ("renamed", lambda found: found.is_named is not None, lambda found: bool(found.is_named)),
)


def _assess_drop(step: StepOfPath, why: Why, seen: Sequence[_Seen], is_done: _Test) -> Suspect | None:
    drop = find_drop([Look(each.at, each.user_id, is_done(each.step)) for each in seen])
    if drop is None:
        return None
    before, since = seen[: drop.first], seen[drop.first :]
    against = [each for each in since if not is_done(each.step)]
    controls = _names if why == "renamed" else _others
    return Suspect(
        step.path_id,
        step.step_id,
        step.digest,
        why,
        against[0].at,
        Seen(
            users=len({each.user_id for each in against}),
            sessions=len(since),
            usual=round(drop.usual, 3),
            now=round(1 - len(against) / len(since), 3),
        ),
        likely_replacement(step, map(controls, before), map(controls, against)),
    )


def _assess_reports(
    step: StepOfPath, seen: Sequence[_Seen], reports: Iterable[MissingReport]
) -> Suspect | None:
    """Find a step that several browsers could not show, and that nobody has done since."""
    last_done = max((each.step.done_at for each in seen), default=0.0)
    own = [r for r in reports if (r.step_id, r.digest) == (step.step_id, step.digest) and r.at > last_done]
    users = {each.user_id for each in own}
    if len(users) < FEWEST_USERS:
        return None
    since = min(each.at for each in own)
    later = [each for each in seen if each.at >= since]
    return Suspect(
        step.path_id,
        step.step_id,
        step.digest,
        "missing",
        since,
        Seen(len(users), len(own), page=max(own, key=lambda each: each.at).page),
        likely_replacement(
            step, map(_others, (each for each in seen if each.at < since)), map(_others, later)
        ),
    )


def _others(seen: _Seen) -> InSession:
    """Return what the user operated where the step belongs."""
    return seen.user_id, frozenset(seen.step.others), seen.step.kin


def _names(seen: _Seen) -> InSession:
    """Return the control that did the step, if it does not have the step's name."""
    named = "" if seen.step.is_named else seen.step.control
    return seen.user_id, frozenset({named} - {""}), named
