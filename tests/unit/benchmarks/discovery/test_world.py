"""The made-up traffic that discovery is measured on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.discovery.app import APPS
from benchmarks.discovery.project import digest_of
from benchmarks.discovery.truth import World
from benchmarks.discovery.world import write_copies, write_world
from rasa_autoplay.events.canonical_url import canonical_url
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.simulation.recordings import Recordings, read_recordings

ROOT = Path(__file__).parents[4]


class Small:
    """A small world, and its recordings as the product reads them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.world: World = write_world(folder, seed, users=120, sessions=300)
        self.recordings: Recordings = read_recordings([folder / "recordings"], self.world.app)
        self.sessions: dict[str, list[SlimAction]] = defaultdict(list)
        for action in self.actions():
            self.sessions[action.session_id or ""].append(action)

    def actions(self) -> Iterator[SlimAction]:
        """Yield all actions in order of time."""
        for _, payload, _ in self.recordings.moments:
            yield from payload.actions


@pytest.fixture(scope="module", params=APPS)
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small(tmp_path_factory.mktemp("world"), request.param)


def test_the_product_reads_everything(small: Small) -> None:
    assert small.recordings.skipped["unreadable_lines"] == 0
    assert small.recordings.skipped["malformed_events"] == 0
    assert small.recordings.other_products == {}
    # A few batches are sent twice.
    assert len({(each.session_id, each.index) for each in small.actions()}) == small.world.actions
    assert len(small.sessions) == small.world.sessions


def test_pages_are_canonical_and_carry_ids(small: Small) -> None:
    with_ids = 0
    for action in small.actions():
        assert canonical_url(action.canonical_url) == action.canonical_url
        with_ids += ":id" in action.canonical_url
    assert with_ids > 500


def test_all_types_failures_and_generated_ids_occur(small: Small) -> None:
    types = Counter(action.type for action in small.actions())
    signals = Counter(action.signal for action in small.actions())

    assert {"pageview", "click", "type", "focus", "blur"} <= types.keys()
    assert {"failed_request", "error"} <= signals.keys()
    assert any("{" in action.title or "{" in action.element_id for action in small.actions()) is False


def test_sessions_last_and_users_return(small: Small) -> None:
    visits = Counter(actions[0].user_id for actions in small.sessions.values() if actions[0].user_id)
    lengths = sorted(len(actions) for actions in small.sessions.values())

    assert max(visits.values()) >= 8
    assert sum(count == 1 for count in visits.values()) > len(visits) * 0.2
    assert lengths[len(lengths) // 2] > 25


def test_what_was_planted_is_in_the_recordings(small: Small) -> None:
    """The sessions of a truth have its keys: of a repetition on several records, of the others once."""
    for truth in small.world.truths:
        whole = [each for each in truth.session_ids if each in small.sessions]
        for key in (act for act in truth.slow if act.is_key and truth.kind != "stall"):
            hits = sum(
                any(label in action.title for action in small.sessions[each] for label in _plain(key.labels))
                for each in whole
            )
            assert hits >= len(whole) * 0.6 - 1, (truth.id, key)


def _plain(labels: tuple[str, ...]) -> list[str]:
    return [max(label.replace("{", "}").split("}"), key=len) for label in labels]


def test_few_users_take_each_way(small: Small) -> None:
    for truth in small.world.truths:
        assert truth.users <= small.world.users * 0.45, truth.id


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    code = "import sys, pathlib; from benchmarks.discovery.world import write_world; "
    code += "write_world(pathlib.Path(sys.argv[1]), 1, users=40, sessions=80)"
    for seed in ("1", "2"):
        variables = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", code, tmp_path / seed], check=True, env=variables)

    assert digest_of(tmp_path / "1") == digest_of(tmp_path / "2")


def test_copies_have_users_and_sessions_of_their_own(tmp_path: Path) -> None:
    world = write_world(tmp_path, 1, users=20, sessions=40)
    write_copies(tmp_path, tmp_path / "many", 3)

    recordings = read_recordings([tmp_path / "many"], world.app)
    actions = [action for _, payload, _ in recordings.moments for action in payload.actions]

    assert len({(action.session_id, action.index) for action in actions}) == 3 * world.actions
    assert len({action.session_id for action in actions}) == 3 * world.sessions
