"""Interrupted users leave in the middle of a task, and come back."""

from __future__ import annotations

from benchmarks.timing.apps import Workflow
from benchmarks.timing.behaviours.player import Player
from benchmarks.timing.behaviours.tape import log_normal
from benchmarks.timing.labels import State

__all__ = ["play_interrupted"]


def play_interrupted(player: Player, workflow: Workflow) -> bool:
    """Do a workflow with an absence in its middle; return whether the user completed it."""
    tape, luck = player.tape, player.luck
    player.pause()
    before = luck.randint(1, len(workflow.steps) - 1)
    player.do(workflow.steps[:before])
    tape.wait(luck.uniform(60, 600), State.AWAY)
    tape.wait(luck.uniform(8, 25), State.RESUMING)
    if player.chance(0.3) and not player.be_stuck(
        workflow, log_normal(luck, 60, 0.6, 15, 240), managing=0.65
    ):
        return False
    player.do(workflow.steps[before:])
    if player.chance(0.5):
        player.pause()
        player.do(luck.choice(player.app.workflows).steps)
    return True
