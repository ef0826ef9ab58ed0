"""Lost users look for a feature; misled users look for it in the wrong one."""

from __future__ import annotations

from benchmarks.timing.apps import Workflow
from benchmarks.timing.behaviours.player import Player
from benchmarks.timing.behaviours.tape import log_normal
from benchmarks.timing.labels import State

__all__ = ["play_lost", "play_misled"]


def play_lost(player: Player, workflow: Workflow) -> bool:
    """Look for a workflow; return whether the user completed it."""
    tape, luck = player.tape, player.luck
    tape.go(luck.choice([page for page in player.app.pages if page != workflow.page]))
    player.pause()
    patience_s = player.patience_s()
    if player.chance(0.35):
        player.search(tape.now + patience_s * luck.uniform(0.3, 1), State.EXPLORING)
    else:
        player.search(tape.now + patience_s, State.EXPLORING)
        tape.begin_need(workflow.id)
        player.search(tape.now + log_normal(luck, 120, 0.6, 25, 400), State.LOST)
        found = player.chance(0.5)
        tape.end_need(gave_up=not found)
        if not found:
            return False
    player.do(workflow.steps)
    return True


def play_misled(player: Player, wanted: Workflow, tried: Workflow) -> bool:
    """Try a workflow that cannot do what another one does; return whether the user completed that one."""
    tape, luck = player.tape, player.luck
    player.pause()
    player.do(tried.steps[:2])
    if player.chance(0.25):
        for _ in range(luck.randint(1, 2)):
            _fail(player, tried, State.DOING)
            tape.wait(log_normal(luck, 8, 0.4, 3, 25), State.EXPLORING)
        player.do(tried.steps[2:])
        return False
    for _ in range(2 if player.chance(0.4) else 3):
        _fail(player, tried, State.DOING)
        tape.wait(log_normal(luck, 8, 0.4, 3, 25), State.EXPLORING)
    tape.begin_need(wanted.id)
    until = tape.now + log_normal(luck, 90, 0.6, 25, 400)
    while tape.now < until:
        tape.wait(min(log_normal(luck, 15, 0.5, 5, 50), until - tape.now), State.FAILING)
        if tape.now < until:
            _fail(player, tried, State.FAILING)
    found = player.chance(0.55)
    tape.end_need(gave_up=not found)
    if found:
        player.do(wanted.steps)
    return found


def _fail(player: Player, tried: Workflow, state: State) -> None:
    """Make an attempt: one to three acts, the last of which fails."""
    tape, luck = player.tape, player.luck
    acts = luck.randint(1, 3)
    for number in range(1, acts + 1):
        tape.wait(player.doing_s(), state)
        step = tried.steps[-1] if number == acts else luck.choice(tried.steps[1:-1])
        tape.perform(step, player.typing_s(), _failure(luck.random()) if number == acts else "")


def _failure(place: float) -> str:
    """Return the signal at a place from 0 to 1."""
    limits = ((0.5, "error"), (0.65, "failed_request"), (0.9, "dead_click"), (1.0, "rage_click"))
    return next(signal for limit, signal in limits if place < limit)
