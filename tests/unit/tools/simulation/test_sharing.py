"""Processes that read their own users from the files report what one process with all moments reports."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from support.engine_parts import save
from support.random_lines import random_files
from support.random_recordings import random_configuration, random_moments
from support.recorded import line, write

from rasa_autoplay.engine.core.configuration import Configuration, load_configuration
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.comparison import compare
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.engine.replay.shared_replay import replay_versions
from rasa_autoplay.errors import ConfigError, UnusableRecording
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.simulation.recordings import Recordings, read_recordings
from rasa_autoplay.tools.simulation.report import as_json
from rasa_autoplay.tools.simulation.sharing import file_replay, parts, sighted_recording
from rasa_autoplay.tools.simulation.sharing.file_replay import FileReplay
from rasa_autoplay.tools.simulation.sharing.sighted_recording import large_files, sight
from rasa_autoplay.tools.simulation.table import as_text

_FILE = """\
product_id: demo
triggers:
  - id: it
    body: May I?
    when: {count: {title: save, at_least: 2, within: 60s}}
"""
_ANSWERS = ("none", "dismiss", "accept", "accept=30%,dismiss=30%,later=20%,never=10%")


def _one_after_the_other(
    function: Callable[[Any, Any], Any], shares: Sequence[Any], progressed: Any = int
) -> list[Any]:
    return [function(share, progressed) for share in shares]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide also small files, and look only at their first line to find out what they are."""
    monkeypatch.setattr(sighted_recording, "MIN_BYTES", 1)
    monkeypatch.setattr(parts, "_PART_BYTES", 700)
    monkeypatch.setattr(parts, "head_of", lambda file: file.read_bytes().split(b"\n")[0] + b"\n")


def _load(chance: random.Random, folder: Path) -> Configuration:
    try:
        return load_configuration(YamlFile(random_configuration(chance, folder)))
    except ConfigError:
        assume(False)  # a random rule that the grammar refuses
        raise


def _printed(recordings: Recordings, outcomes: Sequence[Outcome]) -> str:
    comparison = compare(*outcomes)
    report = json.dumps(as_json(recordings, outcomes[0], comparison))
    return f"{report}\n{as_text(recordings, outcomes[0], comparison)}"


@settings(max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32), processes=st.integers(1, 3))
@pytest.mark.usefixtures("small_parts")
def test_prints_the_same_report_for_any_lines(
    seed: int, processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_replay, "in_processes", _one_after_the_other)
    monkeypatch.setattr(sighted_recording, "in_processes", _one_after_the_other)
    chance = random.Random(seed)  # noqa: S311 - no secret
    versions = [_load(chance, tmp_path / "one"), _load(chance, tmp_path / "other")]
    files = random_files(chance, random_moments(chance, sessions=chance.choice((3, 8))), tmp_path)
    assumptions = Assumptions(chance.choice(_ANSWERS))
    try:
        recordings = read_recordings(files, "demo")
    except UnusableRecording:
        assume(False)
    expected = _printed(recordings, replay_versions(recordings.moments, versions, assumptions))
    large = large_files(files)
    assume(large)
    sighted = sight(large, "demo", processes, int)
    outcomes = FileReplay(sighted, versions, assumptions, processes).run(files, int)
    assert outcomes is not None
    assert sighted.size == len(recordings.moments)
    assert _printed(sighted.recordings, outcomes) == expected


def _recorded(folder: Path, more: str = "") -> tuple[list[Path], list[Configuration]]:
    folder.mkdir(exist_ok=True)
    (folder / "autoplay.yml").write_text(_FILE + more)
    lines = []
    for number in range(8):
        for at in (1, 2, 30, 31, 400, 401):
            lines.append(line(save(number * 7 + at), user=f"u{number % 5}", session=f"s{number}"))
    configuration = load_configuration(YamlFile(folder / "autoplay.yml"))
    return [write(folder / "day.jsonl", *lines)], [configuration, configuration]


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("more", ["", "session: {max_sessions: 3}\n"])
def test_real_processes_print_the_same_report_and_tell_their_progress(tmp_path: Path, more: str) -> None:
    files, versions = _recorded(tmp_path, more)
    recordings = read_recordings(files, "demo")
    expected = _printed(recordings, replay_versions(recordings.moments, versions, Assumptions()))
    read, replayed = list[int](), list[int]()
    sighted = sight(large_files(files), "demo", 2, read.append)
    outcomes = FileReplay(sighted, versions, Assumptions(), 2).run(files, replayed.append)
    assert outcomes is not None
    assert outcomes[0].fires
    assert _printed(sighted.recordings, outcomes) == expected
    assert sum(read) == files[0].stat().st_size
    assert sum(replayed) == 2 * len(recordings.moments)


@pytest.mark.usefixtures("small_parts")
def test_a_file_that_changes_meanwhile_is_an_error(tmp_path: Path) -> None:
    files, versions = _recorded(tmp_path)
    sighted = sight(large_files(files), "demo", 1, int)
    files[0].write_text("changed\n")
    with pytest.raises(UnusableRecording, match="changed while it was read"):
        FileReplay(sighted, versions, Assumptions(), 1).run(files, int)


@pytest.mark.usefixtures("small_parts")
def test_recordings_without_actions_are_an_error_with_the_reason(tmp_path: Path) -> None:
    files, versions = _recorded(tmp_path)
    sighted = sight(large_files(files), "another", 1, int)
    with pytest.raises(UnusableRecording) as refused:
        FileReplay(sighted, versions, Assumptions(), 1).run(files, int)
    assert "'demo'" in (refused.value.remedy or "")


@pytest.mark.usefixtures("small_parts")
def test_counts_batches_of_other_products_as_one_process_does(tmp_path: Path) -> None:
    files, _ = _recorded(tmp_path)
    text = files[0].read_text("utf-8")
    others = [line(save(1), product=product) for product in "bbabcab"]
    files.append(write(tmp_path / "others.jsonl", line(save(9)), *others, *others))
    files[0].write_text(text + "\n".join(others[::-1]))
    expected, sighted = read_recordings(files, "demo"), sight(large_files(files), "demo", 2, int)
    assert expected.skipped["other_product"] == 21
    assert list(sighted.recordings.skipped.items()) == list(expected.skipped.items())
    assert list(sighted.recordings.other_products.items()) == list(expected.other_products.items())


def test_small_files_are_read_at_once(tmp_path: Path) -> None:
    assert large_files(_recorded(tmp_path)[0]) == []
