"""Generates labelled sessions; the same seed gives the same sessions everywhere."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from benchmarks.timing.apps import APPS, App, Workflow
from benchmarks.timing.behaviours.experts import play_expert
from benchmarks.timing.behaviours.interrupted import play_interrupted
from benchmarks.timing.behaviours.novices import play_novice
from benchmarks.timing.behaviours.player import Player
from benchmarks.timing.behaviours.searchers import play_lost, play_misled
from benchmarks.timing.behaviours.tape import Tape
from benchmarks.timing.labels import Behaviour, Event, LabelledSession, State

__all__ = ["PUBLIC_SEED", "SESSIONS", "generate"]

#: The seed of the public set.
PUBLIC_SEED = "public"
#: The number of sessions of a set.
SESSIONS = 500

#: Monday, 2026-03-02, 07:00 UTC.
_BEGINS_AT = 1_772_434_800.0
_DAY_S, _OPEN_S = 86_400.0, 13 * 3600.0
_EXPERTS, _NEWCOMERS = 16, 24
_BEHAVIOURS = tuple(Behaviour)
_SHARES = (30, 25, 15, 15, 15)
#: The share of expert users in each behaviour.
_BY_EXPERTS = {
    Behaviour.EXPERT: 1.0,
    Behaviour.NOVICE: 0.0,
    Behaviour.LOST: 0.0,
    Behaviour.INTERRUPTED: 0.5,
    Behaviour.MISLED: 1 / 3,
}


def generate(seed: str, sessions: int = SESSIONS) -> list[LabelledSession]:
    """Generate sessions, in order of time and without overlaps.

    Args:
        seed: any text.
        sessions: how many.
    """
    known: dict[str, set[str]] = {}
    made: list[LabelledSession] = []
    now = _BEGINS_AT
    for number in range(sessions):
        luck = Random(f"{seed}/{number}")  # noqa: S311 - the same sessions each time, and no secret
        session = _session(f"s{number:04d}", luck, now, known)
        made.append(session)
        now = session.end + luck.uniform(5, 60)
        if (now - _BEGINS_AT) % _DAY_S > _OPEN_S:
            now = _BEGINS_AT + ((now - _BEGINS_AT) // _DAY_S + 1) * _DAY_S
    return made


def _session(session_id: str, luck: Random, start: float, known: dict[str, set[str]]) -> LabelledSession:
    app = luck.choice(APPS)
    (behaviour,) = luck.choices(_BEHAVIOURS, _SHARES)
    is_expert = luck.random() < _BY_EXPERTS[behaviour]
    user = f"{app.id}-{'e' if is_expert else 'n'}{luck.randrange(_EXPERTS if is_expert else _NEWCOMERS):02d}"
    tape = Tape(app, luck, start)
    player = Player(tape, is_expert=is_expert)
    tape.go(luck.choice(app.pages))
    workflow = _unknown(app, luck, known.setdefault(user, set()))
    if _play(player, behaviour, workflow):
        known[user].add(workflow.id)
    tape.wait(luck.uniform(5, 60), State.PAUSING)
    player.add_stray_signal()
    return LabelledSession(
        session_id, user, app.id, behaviour, _as_tracked(tape.events, luck), tape.intervals, tape.needs
    )


def _unknown(app: App, luck: Random, known: set[str]) -> Workflow:
    unknown = [workflow for workflow in app.workflows if workflow.id not in known]
    return luck.choice(unknown or app.workflows)


def _play(player: Player, behaviour: Behaviour, workflow: Workflow) -> bool:
    """Play a session; return whether the user completed the workflow."""
    if behaviour is Behaviour.EXPERT:
        play_expert(player)
        return False
    if behaviour is Behaviour.MISLED:
        others = [other for other in player.app.workflows if other is not workflow]
        return play_misled(player, workflow, player.luck.choice(others))
    play = {
        Behaviour.NOVICE: play_novice,
        Behaviour.LOST: play_lost,
        Behaviour.INTERRUPTED: play_interrupted,
    }
    return play[behaviour](player, workflow)


def _as_tracked(events: list[Event], luck: Random) -> list[Event]:
    """Return the events that arrive: 2 % are lost, and 10 % of the others have no element."""
    arrived = [event for place, event in enumerate(events) if not place or luck.random() >= 0.02]
    return [replace(event, element="") if luck.random() < 0.1 else event for event in arrived]
