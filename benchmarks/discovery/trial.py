"""Tries all proposed triggers: does the product accept them, and do they fire where users go the slow way?"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from benchmarks.discovery.metering import metered
from benchmarks.discovery.project import with_proposals
from benchmarks.discovery.scoring import Score
from benchmarks.discovery.truth import World

__all__ = ["Trial", "try_proposals"]

#: How many of the sessions of each truth, and how many others, are replayed.
_SESSIONS_EACH, _OTHERS = 40, 400


@dataclass
class Trial:
    """What became of the proposed triggers.

    Args:
        refused: what ``validate`` says against them; empty if it accepts all.
        silent: slow paths that were found, but whose trigger fired in none of their sessions.
        reached: for each found slow path, the share of its replayed sessions in which its trigger fired.
        aside: for each found slow path, the share of its trigger's fires in other sessions.
    """

    refused: str = ""
    silent: list[str] = field(default_factory=list)
    reached: dict[str, float] = field(default_factory=dict)
    aside: dict[str, float] = field(default_factory=dict)


def try_proposals(folder: Path, world: World, proposals: Path, score: Score, work: Path) -> Trial:
    """Validate all proposals together, and replay sessions with them.

    Args:
        folder: the world's folder.
        world: the truth.
        proposals: what ``discover`` has written.
        score: what was found.
        work: a folder for the trial's files.
    """
    with_proposals(work, world.app, proposals)
    cli = [sys.executable, "-m", "rasa_autoplay.tools.cli"]
    validated = metered([*cli, "validate"], work)
    # The project has no Rasa files, which validate reports as well.
    lines = (validated.output + validated.errors).splitlines()
    refused = [line for line in lines if line.startswith(("autoplay.yml", "golden_paths"))]
    if refused:
        return Trial(refused="\n".join(refused))
    chosen = _chosen(world)
    _copy(folder / "recordings", work / "some.jsonl", {each for ids in chosen.values() for each in ids})
    simulated = metered([*cli, "simulate", "some.jsonl", "--json"], work)
    if simulated.code:
        return Trial(refused=(simulated.output + simulated.errors).strip())
    fired: dict[str, list[str]] = defaultdict(list)
    for fire in json.loads(simulated.output)["fires"]:
        fired[fire["trigger_id"]].append(fire["session_id"])
    trial = Trial()
    for truth in world.truths:
        sessions = fired.get(score.found.get(truth.id, ""), [])
        if truth.kind == "workflow" or truth.id not in score.found:
            continue
        theirs, all_theirs = chosen[truth.id], set(truth.session_ids)
        trial.reached[truth.id] = len(set(sessions) & theirs) / max(len(theirs), 1)
        trial.aside[truth.id] = sum(each not in all_theirs for each in sessions) / max(len(sessions), 1)
        if not set(sessions) & theirs:
            trial.silent.append(truth.id)
    return trial


def _chosen(world: World) -> dict[str, set[str]]:
    chosen = {truth.id: set(truth.session_ids[-_SESSIONS_EACH:]) for truth in world.truths}
    step = max(world.sessions // _OTHERS, 1)
    chosen[""] = {f"c0-s{number:06}" for number in range(0, world.sessions, step)}
    return chosen


class _Batch(msgspec.Struct):
    session_id: str


def _copy(recordings: Path, target: Path, sessions: set[str]) -> None:
    """Copy the batches of some sessions."""
    batch = msgspec.json.Decoder(_Batch)
    with target.open("wb") as file:
        for day in sorted(recordings.glob("*.jsonl")):
            for line in day.read_bytes().splitlines():
                if batch.decode(line).session_id in sessions:
                    file.write(line + b"\n")
