"""Steps of a proposal: what they change in the files, what they log, and what stops them."""

from __future__ import annotations

import asyncio
import errno
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from support.proposals import write_proposal
from support.run import asynchronous

from rasa_autoplay.engine.changes.change import Change, ChangeKind
from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.proposals.base import FiguresQuery, StoredFigures
from rasa_autoplay.engine.proposals.figures import GhostFigures
from rasa_autoplay.engine.proposals.log_entry import EntryKind
from rasa_autoplay.engine.proposals.promotion import Promotion
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.errors import AutoplayError, ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile

NOW = 1_800_000_000.0
FILE = """\
# Our copilot.
product_id: demo   # the same as in credentials.yml

triggers:
  # The first one.
  - id: other
    when: {on_page: /other}
    body: Other?

database: {url: "sqlite:///autoplay.db"} # for now
"""


class _Reader:
    """Returns what the test has set."""

    problem = ""

    def __init__(self) -> None:
        self.stored = StoredFigures()
        self.is_down = False

    async def read(self, queries: Sequence[FiguresQuery], now: float) -> Mapping[str, StoredFigures] | None:
        return None if self.is_down else {query.trigger_id: self.stored for query in queries}


class _Project:
    """A project with one proposal."""

    def __init__(self, folder: Path, file: str = FILE, path: str = "default") -> None:
        self.path = folder / "autoplay.yml"
        self.path.write_text(file)
        self.folder = write_proposal(folder / "proposals", "p", path=path)
        self.reader = _Reader()
        self.changes: list[Change] = []
        self.promotion = Promotion(self.path, "demo", self.reader, self._append, lambda: NOW)

    async def _append(self, change: Change) -> bool:
        self.changes.append(change)
        return True

    async def go(self, to: Stage, why: str = "we want to see it") -> None:
        status = await self.promotion.status("p")
        await self.promotion.take(await self.promotion.prepare(status, to), "Ann", why)

    async def back(self) -> None:
        status = await self.promotion.status("p")
        await self.promotion.take(await self.promotion.prepare_back(status), "Ann", "")

    async def stage(self) -> Stage:
        return (await self.promotion.status("p")).placed.stage

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def log(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / "log.jsonl").read_text().splitlines()]


@asynchronous
async def test_a_draft_becomes_ghost_below_the_other_triggers(tmp_path: Path) -> None:
    made = _Project(tmp_path, path="")
    await made.go(Stage.GHOST)
    added = made.text.removeprefix(FILE[: FILE.index("\ndatabase")])
    assert added.startswith(
        "  # 40 users change projects one by one.\n  - id: p\n    rollout: ghost\n    when:\n"
    )
    assert 'body: "May I show you a quicker way?"  # by hand\n' in added
    assert added.endswith(FILE[FILE.index("\ndatabase") :])
    triggers = load_configuration(YamlFile(made.path)).triggers
    assert [trigger.id for trigger in triggers] == ["other", "p"]
    assert triggers[1].rollout.is_ghost


@asynchronous
async def test_all_the_way_up_and_down_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    made = _Project(tmp_path, path="")
    for stage, rollout in ((Stage.GHOST, "ghost"), (Stage.TRIAL, "5%"), (Stage.LIVE, "live")):
        await made.go(stage)
        assert f"    rollout: {rollout}\n" in made.text
        assert await made.stage() is stage
    for stage in (Stage.TRIAL, Stage.GHOST, Stage.DRAFT):
        await made.back()
        assert await made.stage() is stage
    assert made.text == FILE
    kinds = [entry["kind"] for entry in made.log]
    assert kinds == ["promoted"] * 3 + ["demoted"] * 3
    assert "id: p" in str(made.log[-1]["removed"])
    assert {change.kind for change in made.changes} == {ChangeKind.PROMOTED}
    assert made.changes[0].describe() == "Ann moved p from draft to ghost: we want to see it"


@asynchronous
async def test_copies_the_golden_path_and_names_its_folder(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    await made.go(Stage.GHOST)
    assert (tmp_path / "golden_paths" / "p.yml").read_text() == (made.folder / "path.yml").read_text()
    assert made.text.endswith("\ngolden_paths: golden_paths\n")
    assert load_configuration(YamlFile(made.path)).triggers[1].golden_path == "p"


@asynchronous
async def test_keeps_a_golden_path_that_exists(tmp_path: Path) -> None:
    made = _Project(tmp_path, FILE + "golden_paths: paths\n")
    own = (made.folder / "path.yml").read_text().replace("Change several", "How we change several")
    (tmp_path / "paths").mkdir()
    (tmp_path / "paths" / "mine.yml").write_text(own)
    await made.go(Stage.GHOST)
    assert [file.name for file in (tmp_path / "paths").iterdir()] == ["mine.yml"]


@asynchronous
async def test_keeps_a_salt_and_crlf_line_ends(tmp_path: Path) -> None:
    entry = "  - id: p\r\n    rollout: {share: ghost, salt: x} # ours\r\n    when: {on_page: /}\r\n"
    entry += "    body: B\r\n"
    file = f"product_id: demo\r\ntriggers:\r\n{entry}"
    made = _Project(tmp_path, "product_id: demo\n")
    made.path.write_bytes(file.encode())
    await made.go(Stage.TRIAL)
    assert made.path.read_bytes().decode() == file.replace("share: ghost", "share: 5%")


@asynchronous
async def test_a_step_that_the_rule_does_not_say_needs_a_reason(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    with pytest.raises(AutoplayError, match="needs a reason"):
        await made.go(Stage.LIVE, why=" ")
    assert made.text == FILE
    await made.go(Stage.LIVE, why="the board wants it")
    assert "is_by_rule" not in made.log[0]
    assert made.changes[0].detail == "from draft to live, against the rule"


@asynchronous
async def test_logs_every_figure_so_that_the_decision_can_be_computed_again(tmp_path: Path) -> None:
    from rasa_autoplay.engine.proposals.decision_record import difference_in

    made = _Project(tmp_path)
    await made.go(Stage.GHOST)
    made.reader.stored = StoredFigures(GhostFigures(10.0, 400, 200, 300, 20, 400, 5))
    await made.go(Stage.TRIAL, why="")
    entries = (await made.promotion.status("p")).placed.proposal.log
    assert [entry.is_by_rule for entry in entries] == [True, True]
    for entry in entries:
        assert entry.decision is not None
        assert difference_in(entry.decision) == ""


@asynchronous
async def test_refuses_a_file_that_changed_meanwhile(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    move = await made.promotion.prepare(await made.promotion.status("p"), Stage.GHOST)
    made.path.write_text(FILE + "language: de\n")
    with pytest.raises(ConfigError, match="has changed"):
        await made.promotion.take(move, "Ann", "")
    assert made.text == FILE + "language: de\n"
    assert not list((tmp_path / "golden_paths").iterdir()), "the golden path does not stay alone"
    assert made.changes == []


@asynchronous
async def test_refuses_files_that_would_be_wrong_together(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    text = (made.folder / "trigger.yml").read_text().replace("golden_path: p", "golden_path: another")
    (made.folder / "trigger.yml").write_text(text)
    status = await made.promotion.status("p")
    assert status.record is not None
    assert "another" in " ".join(status.record.verdict.reasons)
    with pytest.raises(ConfigError, match="another"):
        await made.promotion.prepare(status, Stage.GHOST)
    assert not (tmp_path / "golden_paths").exists()


@asynchronous
async def test_a_rejected_proposal_goes_out_of_the_file_and_stays_out(tmp_path: Path) -> None:
    made = _Project(tmp_path, path="")
    await made.go(Stage.GHOST)
    status = await made.promotion.status("p")
    await made.promotion.take(await made.promotion.prepare_rejection(status), "Ann", "nobody wants it")
    assert made.text == FILE
    status = await made.promotion.status("p")
    assert status.is_rejected
    assert status.record is not None
    assert status.record.verdict.reasons == ("It is rejected: nobody wants it",)
    with pytest.raises(ConfigError, match="was rejected: nobody wants it"):
        await made.promotion.prepare(status, Stage.GHOST)
    await made.back()
    assert not (await made.promotion.status("p")).is_rejected
    assert [entry["kind"] for entry in made.log][-2:] == [EntryKind.REJECTED.value, EntryKind.RESTORED.value]


@asynchronous
async def test_without_the_database_only_a_person_with_a_reason_can_decide(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    made.reader.is_down = True
    with pytest.raises(AutoplayError, match="needs a reason"):
        await made.go(Stage.GHOST, why="")
    await made.go(Stage.GHOST, why="the database is being moved")
    assert "decision" not in made.log[0]


@asynchronous
async def test_a_read_only_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _Project(tmp_path, path="")

    def refuse(**_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(ConfigError, match=r"autoplay.yml cannot be written: Read-only file system"):
        await made.go(Stage.GHOST)
    assert made.text == FILE


@asynchronous
async def test_a_log_that_cannot_be_written_stops_the_step(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    move = await made.promotion.prepare(await made.promotion.status("p"), Stage.GHOST)
    (made.folder / "log.jsonl").mkdir()
    with pytest.raises(ConfigError, match=r"log.jsonl: cannot be written"):
        await made.promotion.take(move, "Ann", "")
    assert made.text == FILE


@asynchronous
async def test_of_two_steps_at_once_one_is_refused(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    status = await made.promotion.status("p")
    moves = [await made.promotion.prepare(status, Stage.GHOST) for _ in range(2)]
    taken = await asyncio.gather(
        *(made.promotion.take(move, "Ann", "") for move in moves), return_exceptions=True
    )
    assert sum(isinstance(each, ConfigError) for each in taken) == 1
    assert len(made.log) == 1


@asynchronous
async def test_a_switched_off_trigger_is_left_to_people(tmp_path: Path) -> None:
    made = _Project(tmp_path, path="")
    await made.go(Stage.GHOST)
    made.path.write_text(made.text.replace("rollout: ghost", "rollout: off"))
    status = await made.promotion.status("p")
    assert status.record is not None
    assert status.placed.is_switched_off
    assert "switched the trigger off" in status.record.verdict.reasons[0]
