"""Novices: they study, try on their own, and get stuck; or they repeat what could be done at once."""

from __future__ import annotations

from benchmarks.timing.apps import Workflow
from benchmarks.timing.behaviours.player import Player
from benchmarks.timing.behaviours.tape import log_normal
from benchmarks.timing.labels import State

__all__ = ["learn", "play_novice"]


def play_novice(player: Player, workflow: Workflow) -> bool:
    """Repeat the slow way, or try a workflow; return whether the user completed the workflow."""
    player.pause()
    if player.chance(0.45):
        player.repeat_slowly(player.luck.randint(3, 14), knows_better=False)
        return False
    return learn(player, workflow)


def learn(player: Player, workflow: Workflow) -> bool:
    """Try a workflow that the user does not know; return whether they completed it."""
    tape = player.tape
    for step in workflow.steps:
        if step.page != tape.page:
            tape.wait(player.doing_s(), State.DOING)
            tape.go(step.page)
        if player.chance(0.25):
            tape.wait(log_normal(player.luck, 25, 0.6, 8, 120), State.STUDYING)
        if player.chance(0.18) and not _overcome(player, workflow):
            return False
        player.do_step(step)
    return True


def _overcome(player: Player, workflow: Workflow) -> bool:
    """Meet an obstacle; return whether the user managed."""
    patience_s = player.patience_s()
    if player.chance(0.3):
        player.probe(player.tape.now + patience_s * player.luck.uniform(0.3, 1), State.EXPLORING)
        return True
    player.probe(player.tape.now + patience_s, State.EXPLORING)
    return player.be_stuck(workflow, log_normal(player.luck, 90, 0.7, 20, 400), managing=0.65)
