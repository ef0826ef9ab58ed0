"""Experts: they dwell, go back and forth and repeat on purpose, and need no help."""

from __future__ import annotations

from benchmarks.timing.behaviours.player import Player
from benchmarks.timing.behaviours.tape import log_normal
from benchmarks.timing.labels import State

__all__ = ["play_expert"]


def play_expert(player: Player) -> None:
    """Do two to four tasks."""
    for _ in range(player.luck.randint(2, 4)):
        player.pause()
        what = player.luck.random()
        if what < 0.5:
            player.do(player.luck.choice(player.app.workflows).steps)
        elif what < 0.7:
            _read(player)
        elif what < 0.85:
            _compare(player)
        else:
            player.repeat_slowly(player.luck.randint(2, 5), knows_better=True)


def _read(player: Player) -> None:
    tape, luck = player.tape, player.luck
    tape.go(luck.choice(player.app.pages))
    acts = luck.randint(0, 3)
    part_s = luck.uniform(40, 240) / (acts + 1)
    for number in range(acts + 1):
        if number:
            tape.click(luck.choice(("Click Next section", "Click Details", "Click Show chart")))
        tape.wait(part_s, State.READING)


def _compare(player: Player) -> None:
    tape, luck = player.tape, player.luck
    list_page, record = player.app.slow_way[0].page, player.app.slow_way[-1].page
    for _ in range(luck.randint(2, 4)):
        for page in (list_page, record):
            tape.go(page)
            tape.wait(log_normal(luck, 6, 0.5, 2, 20), State.DOING)
