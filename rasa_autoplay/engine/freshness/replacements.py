"""Finds what users probably do instead of a suspect step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from rasa_autoplay.engine.freshness.control import Control, control_of
from rasa_autoplay.engine.freshness.drop_test import FEWEST_USERS
from rasa_autoplay.engine.freshness.step_names import StepNames
from rasa_autoplay.engine.freshness.suspect import Replacement
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step

__all__ = ["InSession", "StepOfPath", "likely_replacement"]

#: A control stands for a step only if this share of users operates it more than before.
_LEAST_RISE = 0.3
#: How much a step's own name or element counts, and how much a similar name.
_KIN, _SIMILAR = 1.0, 0.6

#: A session's user, the keys of the controls that may stand for the step, and the likeliest key.
InSession = tuple[str, frozenset[str], str]


@dataclass(frozen=True)
class StepOfPath:
    """A step under assessment.

    Args:
        path: the golden path.
        step: the step.
        digest: of the step's definition.
        names: recognise the step's control.
        texts: what the keys of controls stand for; controls that few users share are missing.
    """

    path: GoldenPath
    step: Step
    digest: str
    names: StepNames
    texts: Mapping[str, Control]

    @property
    def path_id(self) -> str:
        """Id of the path."""
        return self.path.id

    @property
    def step_id(self) -> str:
        """Id of the step."""
        return self.step.id


def likely_replacement(
    step: StepOfPath, before: Iterable[InSession], since: Iterable[InSession]
) -> Replacement | None:
    """Return the control that users now operate in a step's place; None if none stands out.

    Args:
        step: the step.
        before: the sessions while all was well.
        since: the sessions that made the step suspect.
    """
    usual, _, _ = _shares(before)
    now, users, kin = _shares(since)
    scores: dict[str, float] = {}
    for key, share in now.items():
        rise = share - usual.get(key, 0.0)
        if users[key] >= FEWEST_USERS and rise >= _LEAST_RISE and key in step.texts:
            control = step.texts[key]
            is_kin = kin[key] > 0 or step.names.names(control.name)
            scores[key] = rise + _KIN * is_kin + _SIMILAR * _similarity(step.step, control)
    if not scores:
        return None
    best = max(scores, key=lambda key: (scores[key], key))
    control = step.texts[best]
    return Replacement(
        share=round(now[best], 2),
        label=control.name,
        element_id=control.element_id,
        element=_selector_of(control.element_id),
        keeps_label=step.names.names(control.name),
    )


def _shares(sessions: Iterable[InSession]) -> tuple[dict[str, float], Counter[str], Counter[str]]:
    """Return, by control, the share of users, their number, and in how many sessions it is the likeliest."""
    by_user: dict[str, set[str]] = {}
    kin: Counter[str] = Counter()
    for user_id, keys, likeliest in sessions:
        by_user.setdefault(user_id, set()).update(keys)
        if likeliest:
            kin[likeliest] += 1
    users = Counter(key for keys in by_user.values() for key in keys)
    return {key: count / len(by_user) for key, count in users.items()}, users, kin


def _similarity(step: Step, control: Control) -> float:
    """Return how similar a control is to the step's own, by its name and its id, from 0 to 1."""
    names = [*step.labels_in_every_language, *(control_of(title, "").name for title in step.titles)]
    ids = [element.lstrip("#") for element in step.elements]
    alike = [_alike(name, control.name) for name in names]
    alike += [_alike(each, control.element_id) for each in ids]
    return max(alike, default=0.0)


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio() if one and other else 0.0


def _selector_of(element_id: str) -> str:
    """Return a CSS selector for an id in which ``*`` stands for any number; empty if there is none."""
    first, *others = element_id.split("*")
    if not element_id or '"' in element_id or "\\" in element_id:
        return ""
    if not others:
        is_plain = element_id.replace("-", "").replace("_", "").isalnum() and not element_id[0].isdigit()
        return f"#{element_id}" if is_plain else f'[id="{element_id}"]'
    parts = [f'[id^="{first}"]' if first else "", f'[id$="{others[-1]}"]' if others[-1] else ""]
    return "".join(parts)
