"""What the studio shows of one user: which workflows they know, and which of their answers keep it quiet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rasa_autoplay.engine.memory.analysis import SessionAnalysis
from rasa_autoplay.engine.memory.stored_history import HistoryReader
from rasa_autoplay.events.user_properties import PropertyValue

__all__ = ["Answer", "Benefit", "Person", "Silence", "benefit_of", "person_of"]


class Answer(NamedTuple):
    """A user's answer to an offer.

    Args:
        trigger_id: the offer's trigger.
        subject: the workflow or page that the answer is about.
        status: ``dismissed``, ``snoozed`` or ``never``.
        shown_at: when the toast was shown, epoch seconds; the answer counts from then.
    """

    trigger_id: str
    subject: str
    status: str
    shown_at: float


class Silence(NamedTuple):
    """An answer that still keeps a trigger quiet.

    Args:
        answer: the answer.
        until: epoch seconds; infinite for "never again".
    """

    answer: Answer
    until: float

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON; ``until`` is null for ever."""
        until = None if self.until == math.inf else self.until
        return {**self.answer._asdict(), "until": until}


class Person(NamedTuple):
    """A user, as memory knows them.

    Args:
        user_id: the user.
        properties: what the app has set, by name.
        session_count: number of stored sessions.
        first_seen_at: beginning of the first one, epoch seconds.
        last_seen_at: end of the last one, epoch seconds.
        latest_session: id of the last one.
        mastered: ids of golden paths.
        in_progress: for each path that the user has begun: attempts, last issue, best completion in percent.
        untouched: ids of golden paths.
        struggles: what went wrong repeatedly.
        silences: answers that still keep a trigger quiet.
    """

    user_id: str
    properties: Mapping[str, PropertyValue]
    session_count: int
    first_seen_at: float
    last_seen_at: float
    latest_session: str
    mastered: Sequence[str]
    in_progress: Mapping[str, Mapping[str, Any]]
    untouched: Sequence[str]
    struggles: Sequence[Mapping[str, Any]]
    silences: Sequence[Silence]

    def has_state(self, state: str) -> bool:
        """Whether the user has ``mastered`` a workflow, is ``struggling`` with one, or has ``snoozed``."""
        return bool(
            {"mastered": self.mastered, "struggling": self.struggles, "snoozed": self.silences}[state]
        )

    def matches(self, query: str) -> bool:
        """Whether a text occurs in the id or in a property, or ``name=value`` in this property."""
        name, equals, value = query.partition("=")
        if equals and name.strip():
            found = self.properties.get(name.strip())
            return found is not None and value.strip().casefold() in _text_of(found).casefold()
        wanted = query.casefold()
        texts = (self.user_id, *map(_text_of, self.properties.values()))
        return any(wanted in text.casefold() for text in texts)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        known = {name: value for name, value in self.properties.items() if value is not None}
        silences = [silence.as_dict() for silence in self.silences]
        return {**self._asdict(), "properties": known, "silences": silences}


class Benefit(NamedTuple):
    """Why a user would benefit from a workflow now.

    Args:
        rank: 0 for those who need it most.
        reason: ``struggles``, ``began`` or ``never_tried``.
        text: the reason in a sentence.
        quiet_until: epoch seconds; until then, the user's answer keeps it quiet. 0 if nothing does.
    """

    rank: int
    reason: str
    text: str
    quiet_until: float

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON; ``quiet_until`` is null if nothing keeps it quiet, or ``"ever"``."""
        quiet = {0.0: None, math.inf: "ever"}.get(self.quiet_until, self.quiet_until)
        return {"reason": self.reason, "text": self.text, "quiet_until": quiet}


def person_of(
    user_id: str, analyses: Sequence[SessionAnalysis], silences: Iterable[Silence], reader: HistoryReader
) -> Person:
    """Return what is known about a user.

    Args:
        user_id: the user.
        analyses: the user's sessions, newest first; at least one.
        silences: the answers that still count.
        reader: knows the golden paths.
    """
    memory = reader.memory_of(analyses).as_dict()
    known = memory["knowledge_state"]
    return Person(
        user_id,
        next((each.properties for each in analyses if each.properties), {}),
        len(analyses),
        min(each.started_at for each in analyses),
        analyses[0].ended_at,
        analyses[0].session_id,
        known["mastered"],
        known["in_progress"],
        known["untouched"],
        memory["struggle_patterns"],
        tuple(silences),
    )


def benefit_of(person: Person, path_id: str) -> Benefit | None:
    """Return why a user would benefit from a golden path; None if they master it."""
    if path_id in person.mastered:
        return None
    quiet_until = max((s.until for s in person.silences if s.answer.subject == path_id), default=0.0)
    troubles = [each for each in person.struggles if each["workflow"] == path_id]
    if troubles:
        worst = max(troubles, key=lambda each: each["count"])
        what, step = str(worst["kind"]).replace("_", " "), worst.get("step")
        text = f"Struggles: {what}, {worst['count']}×{f', at step {step}' if step else ''}."
        return Benefit(0, "struggles", text, quiet_until)
    begun = person.in_progress.get(path_id)
    if begun is not None:
        text = (
            f"Began {begun['attempts']}×, got to {begun['best_completion_pct']:g} %; {begun['last_issue']}."
        )
        return Benefit(1, "began", text, quiet_until)
    return Benefit(2, "never_tried", "Has never tried it.", quiet_until)


def _text_of(value: PropertyValue) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
