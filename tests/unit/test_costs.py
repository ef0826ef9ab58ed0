"""What the first run costs: the printed numbers, those of the texts, and the disk itself agree."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import console
import costs
import pytest
from support.documentation import PAGES

_ROOT = Path(console.ROOT)
_GIB = 2**30


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> set[costs.Part]:
    """The parts that are there; tests add to it."""
    parts: set[costs.Part] = set()
    monkeypatch.setattr(costs, "is_done", lambda part: part in parts)
    monkeypatch.setattr(costs, "is_outdated", lambda part: False)
    return parts


@pytest.mark.usefixtures("there")
def test_announces_the_first_run_with_all_its_costs() -> None:
    first, *parts = costs.announcement()
    assert f"fetches {costs.FETCH_GB} GB, fills {costs.DISK_GB} GB of this folder" in first
    assert [line.strip().partition(":")[0] for line in parts] == [
        *(part.what for part in costs.PARTS),
        "the story itself",
    ]


def test_says_what_is_already_here(there: set[costs.Part]) -> None:
    there.add(costs.ENVIRONMENT)
    first, environment, libraries, *_ = costs.announcement()
    assert first == "The demo needs this first:"
    assert environment.endswith(": already here")
    assert f"{costs.LIBRARIES.disk_gb} GB of disk" in libraries
    there.update(costs.PARTS)
    (line,) = costs.announcement()
    assert "already here" in line


def test_says_what_must_be_brought_up_to_date(
    there: set[costs.Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "is_outdated", lambda part: part is costs.ENVIRONMENT)
    _, environment, *_ = costs.announcement()
    assert "something has changed" in environment
    assert "GB" not in environment


def test_the_sums_are_those_of_the_parts() -> None:
    clone_gb = 0.05
    assert sum(part.disk_gb for part in costs.PARTS) + clone_gb == pytest.approx(costs.DISK_GB, abs=0.1)
    assert sum(part.fetch_gb for part in costs.PARTS) == pytest.approx(costs.FETCH_GB, abs=0.05)
    seconds = sum(part.takes_s for part in costs.PARTS) + costs.STORY_S
    assert seconds / 60 == pytest.approx(costs.FIRST_RUN_MIN, abs=0.5)


def test_the_texts_name_the_same_numbers() -> None:
    texts = {str(page.relative_to(_ROOT)): " ".join(page.read_text("utf-8").split()) for page in PAGES}
    all_of_it = f"fetches {costs.FETCH_GB} GB, fills {costs.DISK_GB} GB of this folder, and takes about "
    assert f"{all_of_it}{costs.FIRST_RUN_MIN} minutes" in texts["README.md"]
    fetch, disk = costs.ENVIRONMENT.fetch_gb, costs.ENVIRONMENT.disk_gb
    assert f"fetches {fetch} GB and fills {disk} GB of disk" in texts["CONTRIBUTING.md"]
    named = [re.findall(r"fetches (?:about )?([\d.]+) GB", text) for text in texts.values()]
    assert {size for sizes in named for size in sizes} == {str(costs.FETCH_GB), str(fetch)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "part", [part for part in costs.PARTS if part.disk_gb], ids=lambda part: part.folders[0]
)
def test_a_part_uses_the_disk_that_is_printed(part: costs.Part) -> None:
    if not costs.is_done(part):
        pytest.skip(f"{part.what} is not here")
    used = sum(_blocks(_ROOT / folder) for folder in part.folders) / _GIB
    assert used == pytest.approx(part.disk_gb, rel=0.2)


@pytest.mark.slow
def test_all_parts_use_the_disk_that_is_printed() -> None:
    if not all(map(costs.is_done, costs.PARTS)):
        pytest.skip("the demo was never prepared here")
    used = sum(_blocks(_ROOT / folder) for part in costs.PARTS for folder in part.folders) / _GIB
    assert used == pytest.approx(costs.DISK_GB, rel=0.2)


def _blocks(folder: Path) -> int:
    """Return the bytes of disk that a folder uses, as `du` counts them: each file once."""
    return sum({(found.st_dev, found.st_ino): found.st_blocks * 512 for found in _files(folder)}.values())


def _files(folder: Path) -> Iterator[os.stat_result]:
    for place, _, names in os.walk(folder):
        yield os.lstat(place)
        yield from (os.lstat(os.path.join(place, name)) for name in names)
