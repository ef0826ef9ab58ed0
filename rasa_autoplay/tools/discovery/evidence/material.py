"""The sessions that were read again, as the engine would have seen them: columns lack what rules may ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from rasa_autoplay.common.languages.tags import canonical_tag
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.replay.recorded_users import RecordedUser, recorded_users
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.discovery.evidence.selection import Selection

__all__ = ["Material", "material_of"]


@dataclass
class Material:
    """The sessions that the evidence is made of.

    Args:
        users: the users of the held-out days, in an order that is independent of what they did.
        examples: the actions of the examples' sessions, in order of time, and their users.
        languages: how many of these moments name which language.
    """

    users: list[RecordedUser] = field(default_factory=list)
    examples: dict[str, tuple[str, list[SlimAction]]] = field(default_factory=dict)
    languages: Counter[str] = field(default_factory=Counter)

    @property
    def language(self) -> str:
        """The language of most moments, as a canonical tag; empty if they name none."""
        ordered = sorted(self.languages.items(), key=lambda item: (-item[1], item[0]))
        return ordered[0][0] if ordered else ""


def material_of(moments: Iterable[Moment], selection: Selection) -> Material:
    """Sort the moments of chosen sessions.

    Args:
        moments: recorded moments, in any order; those of other sessions are left out.
        selection: the chosen sessions.
    """
    wanted = selection.all
    kept = [moment for moment in moments if (moment[1].session_id or "") in wanted]
    kept.sort(key=itemgetter(0))
    material = Material(recorded_users(_of(selection.held_out, kept)))
    for _, payload, _ in kept:
        if payload.language and (tag := _tag(payload.language)):
            material.languages[tag] += 1
    for _, payload, _ in _of(selection.examples, kept):
        user, actions = material.examples.get(payload.session_id or "", ("", []))
        actions.extend(payload.actions)
        material.examples[payload.session_id or ""] = (payload.user_id or user, actions)
    return material


def _of(sessions: frozenset[str], moments: Sequence[Moment]) -> list[Moment]:
    return [moment for moment in moments if (moment[1].session_id or "") in sessions]


def _tag(language: str) -> str:
    return canonical_tag(language) or ""
