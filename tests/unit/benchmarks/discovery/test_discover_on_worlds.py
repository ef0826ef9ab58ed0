"""``rasa-autoplay discover`` on made-up apps: a small one each time, the whole ones in slow runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.discovery.app import APPS
from benchmarks.discovery.project import digest_of, run_discover, write_project
from benchmarks.discovery.scoring import score
from benchmarks.discovery.trial import Trial, try_proposals
from benchmarks.discovery.truth import World
from benchmarks.discovery.world import write_world

#: An error that a user sees once is proposed as a button pressed three times, which nearly nobody does.
_SILENT_STALL = pytest.mark.xfail(reason="The trigger of one stall never fires where it should.", strict=True)


class Discovered:
    """A world, and what discover has proposed for it."""

    def __init__(self, folder: Path, seed: int, users: int, sessions: int) -> None:
        self.folder, self.proposals = folder, folder / "proposals"
        self.world: World = write_world(folder, seed, users, sessions)
        write_project(folder, self.world.app)
        run = run_discover(folder, [folder / "recordings"], self.proposals, hash_seed="1")
        assert run.code == 0, run.errors
        self.score = score(self.proposals, self.world)

    def writes_the_same_again(self) -> bool:
        """Whether one process, another order of files and another hash seed give the same bytes."""
        files = sorted((self.folder / "recordings").iterdir(), reverse=True)
        run = run_discover(self.folder, files, self.folder / "again", "--processes", "1", hash_seed="2")
        assert run.code == 0, run.errors
        return digest_of(self.proposals) == digest_of(self.folder / "again")

    def trial(self) -> Trial:
        """Return what becomes of the triggers."""
        return try_proposals(self.folder, self.world, self.proposals, self.score, self.folder / "trial")


def test_a_small_world_gives_usable_proposals(tmp_path: Path) -> None:
    small = Discovered(tmp_path, 1, users=150, sessions=420)

    assert len(small.score.found) >= 3
    assert [why for why in small.score.false.values() if "meets no truth" not in why] == []


# It discovers twice, and plays what comes of it: a quarter of an hour on a busy machine.
@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=_SILENT_STALL) if seed == 2 else seed for seed in APPS]
)
def test_a_whole_world_gives_the_same_usable_proposals_each_time(tmp_path: Path, seed: int) -> None:
    whole = Discovered(tmp_path, seed, users=2000, sessions=6000)

    assert whole.writes_the_same_again()
    trial = whole.trial()
    assert (trial.refused, trial.silent) == ("", [])


@pytest.mark.slow
@pytest.mark.parametrize("seed", APPS)
def test_18_of_20_are_found_with_at_most_2_false(tmp_path: Path, seed: int) -> None:
    whole = Discovered(tmp_path, seed, users=2000, sessions=6000)

    assert len(whole.score.found) >= 18, whole.score
    assert whole.score.false_count <= 2, whole.score
