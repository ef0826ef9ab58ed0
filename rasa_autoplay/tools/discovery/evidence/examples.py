"""Example sessions of a finding: short timelines in which no user and no session is named.

Users get numbers that hold within one proposal. Not even a fingerprint is shown: whoever knows the ids of
all users could compute it for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rasa_autoplay.engine.knowledge.drafting import path_of
from rasa_autoplay.events.masking import mask_text
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.discovery.evidence.act_matcher import ActMatcher
from rasa_autoplay.tools.discovery.evidence.figures import Example, ExampleAct
from rasa_autoplay.tools.discovery.evidence.labels import masked_line
from rasa_autoplay.tools.discovery.findings.finding import Finding

__all__ = ["MAX_EXAMPLES", "TAIL", "examples_of"]

MAX_EXAMPLES = 10
#: How much of a session is shown around the slow way (seconds).
_AROUND_S = 10.0
#: Of more acts, the first and the last ones are shown.
_MAX_ACTS = 20
_HEAD, TAIL = 12, 6
_NO_ACTS = frozenset({"focus", "blur"})


def examples_of(finding: Finding, sessions: Mapping[str, tuple[str, Sequence[SlimAction]]]) -> list[Example]:
    """Return the examples of a finding.

    Args:
        finding: the finding.
        sessions: the user and the actions, in order of time, of each session.
    """
    users: dict[str, int] = {}
    is_slow = ActMatcher(finding.slow_way)
    found: list[Example] = []
    for each in finding.examples[:MAX_EXAMPLES]:
        user_id, actions = sessions.get(each.session_id, ("", ()))
        shown = [
            _act(action, is_slow, each.began_at, each.ended_at)
            for action in actions
            if each.began_at - _AROUND_S <= action.timestamp_start <= each.ended_at + _AROUND_S
            and action.type not in _NO_ACTS
        ]
        if not shown:
            continue
        user = users.setdefault(user_id or each.session_id, len(users) + 1)
        left_out = max(len(shown) - _HEAD - TAIL, 0) if len(shown) > _MAX_ACTS else 0
        kept = [*shown[:_HEAD], *shown[-TAIL:]] if left_out else shown
        name = f"Session {len(found) + 1}, user {user}"
        found.append(Example(name, round(each.ended_at - each.began_at, 1), kept, left_out))
    return found


def _act(action: SlimAction, is_slow: ActMatcher, began_at: float, ended_at: float) -> ExampleAct:
    is_within = began_at <= action.timestamp_start <= ended_at
    return ExampleAct(
        round(action.timestamp_start - began_at, 1),
        masked_line(action.title or action.element_id or action.type),
        mask_text(path_of(action.canonical_url)),
        is_within and is_slow(action),
    )
