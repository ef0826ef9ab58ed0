"""What the studio gets of proposals, and the steps that a person takes there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.proposals import write_proposal
from support.run import asynchronous

from rasa_autoplay.engine.changes.change import Change
from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.proposals.base import FiguresQuery, StoredFigures
from rasa_autoplay.engine.proposals.figures import GhostFigures
from rasa_autoplay.engine.proposals.promotion import Promotion
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.engine.studio import proposals as module
from rasa_autoplay.engine.studio.proposals import ProposalRequests
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.proposal_requests import StepProposal
from rasa_autoplay.settings.yaml_file import YamlFile

NOW = 1_800_000_000.0
FILE = """\
product_id: demo
triggers:
  - id: other
    when: {on_page: /other}
    body: Other?
studio: {write: WRITE}
database: {url: "sqlite:///autoplay.db"}
"""
PATH = """\
id: {id}
title: Change several projects together
steps:
  - {{id: select, title: Select, text: Select the projects., element: "#select"}}
"""
EVIDENCE: dict[str, Any] = {
    "version": 1,
    "kind": "repetition",
    "title": "Users change projects one by one",
    "page": "/projects",
    "found": {
        "users": 40,
        "sessions": 60,
        "times": 200,
        "slow_way": {"acts": ["Click Save changes"], "act_count": 6},
        "fast_way": {"acts": ["Click Apply to all"]},
        "extra_acts": 5.0,
        "extra_s": 20.0,
        "seconds_per_week": 4_000.0,
    },
    "examples": [
        {"name": "session 1", "duration_s": 30.0, "acts": [{"at_s": 0.0, "act": "Click Save changes"}]}
    ],
    "backtest": {
        "fires": 120,
        "fires_per_user_day": 0.2,
        "found_share": 0.1,
        "users": 30,
        "by_day": [{"day": "2026-11-16"}, {"day": "2026-11-17"}],
        "went_on": {"count": 90, "share": 0.75, "low": 0.66, "high": 0.82},
    },
    "near_misses": {"sessions_examined": 9, "sessions": 2, "missing": {"2 of 3": 2}},
    "overlap": [{"trigger_id": "other", "fires": 3, "share": 0.025, "users": 2}],
    "not_compared": [],
    "verdict": {"kind": "recommended", "reason": "It is early."},
}


class _Reader:
    """Returns what the test has set, or hangs."""

    problem = ""

    def __init__(self) -> None:
        self.stored: StoredFigures | None = StoredFigures()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.times = 0

    async def read(self, queries: Sequence[FiguresQuery], now: float) -> Mapping[str, StoredFigures] | None:
        self.times += 1
        await self.may_answer.wait()
        stored = self.stored
        return None if stored is None else {query.trigger_id: stored for query in queries}


class _Project:
    """A project whose studio may write."""

    def __init__(self, folder: Path, *, write: bool = True) -> None:
        self.path = folder / "autoplay.yml"
        self.path.write_text(FILE.replace("WRITE", "true" if write else "false"))
        self.root = folder / "proposals"
        self.reader = _Reader()
        self.changes: list[Change] = []
        self.is_logged = True
        promotion = Promotion(self.path, "demo", self.reader, self._append, lambda: NOW)
        self.proposals = ProposalRequests(load_configuration(YamlFile(self.path)), promotion)

    async def _append(self, change: Change) -> bool:
        if self.is_logged and change not in self.changes:
            self.changes.append(change)
        return self.is_logged

    def add(self, proposal_id: str, path: str = "", **evidence: Any) -> Path:
        folder = write_proposal(self.root, proposal_id, path=path)
        (folder / "evidence.json").write_text(json.dumps({**EVIDENCE, "id": proposal_id, **evidence}))
        return folder

    async def list(self) -> dict[str, Any]:
        return dict((await self.proposals.list_all()).proposals)

    async def find(self, proposal_id: str) -> dict[str, Any]:
        return dict((await self.proposals.find(proposal_id)).proposal)

    async def step(self, proposal_id: str, action: str, why: str = "") -> dict[str, Any]:
        base = (await self.find(proposal_id))["base"]
        asked = StepProposal(proposal_id, action, base, "Ann", why)
        return dict((await self.proposals.step(asked)).stepped)


@asynchronous
async def test_lists_the_dearest_first_and_rejected_ones_last(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    for proposal_id, cost in (("cheap", 10.0), ("dear", 900.0), ("middle", 400.0), ("unknown", None)):
        made.add(proposal_id, found={**EVIDENCE["found"], "seconds_per_week": cost})
    (made.root / "broken").mkdir()
    await made.step("dear", "reject", "Nobody wants it.")
    found = await made.list()
    assert [row["id"] for row in found["proposals"]] == ["middle", "cheap", "unknown", "dear"]
    assert [row["stage"] for row in found["proposals"]] == ["draft", "draft", "draft", "rejected"]
    assert found["proposals"][0] == {
        "id": "middle",
        "title": "Users change projects one by one",
        "stage": "draft",
        "next": "to ghost: The back-test has 120 fires, and little noise.",
        "kind": "repetition",
        "users": 40,
        "sessions": 60,
        "times": 200,
        "extra_acts": 5.0,
        "extra_s": 20.0,
        "cost_s": 400.0,
        "backtest": {"fires_per_user_day": 0.2, "found_share": 0.1},
    }
    ((name, text),) = [(each["name"], each["text"]) for each in found["problems"]]
    assert name == "broken"
    assert "trigger.yml" in text
    assert (found["folder"], found["is_automatic"], found["can_write"]) == ("proposals", False, True)


@asynchronous
async def test_is_empty_without_the_folder(tmp_path: Path) -> None:
    assert (await _Project(tmp_path).list())["proposals"] == []


@asynchronous
async def test_shows_the_evidence_and_what_each_step_would_write(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    made.add("bulk", path=PATH)
    found = await made.find("bulk")
    assert (found["slow_way"], found["fast_way"]) == (["Click Save changes"], ["Click Apply to all"])
    assert found["backtest"]["days"] == 2
    assert found["next"] == "The rule says: promote it to ghost."
    assert found["rule"][0]["text"]
    assert found["toasts"][0]["toast"]["body"] == "May I show you a quicker way?"
    promote, reject = found["steps"]
    assert (promote["action"], promote["to"], promote["is_by_rule"]) == ("promote", "ghost", True)
    assert [change["file"] for change in promote["changes"]] == ["autoplay.yml", "golden_paths/bulk.yml"]
    assert "+    rollout: ghost\n" in promote["changes"][0]["diff"]
    assert "golden_paths/bulk.yml" not in promote["changes"][0]["diff"]
    assert "+title: Change several projects together\n" in promote["changes"][1]["diff"]
    assert promote["command"] == "rasa-autoplay propose bulk --to ghost"
    assert (reject["action"], reject["needs_reason"], reject["changes"]) == ("reject", True, [])
    assert made.path.read_text() == FILE.replace("WRITE", "true")


@asynchronous
async def test_promotes_takes_back_and_says_who_did_it(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    made.add("bulk")
    before = made.path.read_text()
    said = await made.step("bulk", "promote")
    assert said == {"text": "Promoted from draft to ghost.", "is_logged": True}
    assert "rollout: ghost" in made.path.read_text()
    made.reader.stored = StoredFigures(GhostFigures(3.0, fires=130, users=12))
    found = await made.find("bulk")
    assert [step["action"] for step in found["steps"]] == ["promote", "back", "reject"]
    assert found["steps"][0]["needs_reason"]
    assert [(check["has"], check["needs"], check["is_met"]) for check in found["checks"]] == [
        (3.0, 7.0, False),
        (130, 100, True),
        (12, 30, False),
    ]
    assert (await made.list())["proposals"][0]["stage"] == "ghost"
    with pytest.raises(EngineRefused, match="needs a reason"):
        await made.step("bulk", "promote")
    made.is_logged = False
    assert "could not be reached" in (await made.step("bulk", "back"))["text"]
    assert len(made.changes) == 1
    made.is_logged = True  # the next reading adds the step
    assert made.path.read_text() == before
    log = (await made.find("bulk"))["log"]
    assert [(entry["text"], entry["who"]) for entry in log] == [
        ("Promoted from draft to ghost", "Ann"),
        ("Taken back from ghost to draft", "Ann"),
    ]
    assert [change.who for change in made.changes] == ["Ann", "Ann"]


@asynchronous
async def test_ends_a_rejection(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    made.add("bulk")
    await made.step("bulk", "reject", "Too early.")
    found = await made.find("bulk")
    assert found["stage"] == "rejected"
    assert [step["action"] for step in found["steps"]] == ["back"]
    assert (await made.step("bulk", "back"))["text"] == "Not rejected any more."
    assert (await made.find("bulk"))["stage"] == "draft"


@pytest.mark.parametrize("changed", ["autoplay.yml", "proposals/bulk/trigger.yml"])
@asynchronous
async def test_writes_nothing_that_nobody_has_seen(tmp_path: Path, changed: str) -> None:
    made = _Project(tmp_path)
    made.add("bulk")
    base = (await made.find("bulk"))["base"]
    place = tmp_path / changed
    place.write_text(f"{place.read_text()}# changed\n")
    text = made.path.read_text()
    with pytest.raises(EngineRefused, match="has changed since you opened this page"):
        await made.proposals.step(StepProposal("bulk", "promote", base, "Ann"))
    assert made.path.read_text() == text


@asynchronous
async def test_needs_the_right_to_write(tmp_path: Path) -> None:
    made = _Project(tmp_path, write=False)
    made.add("bulk")
    for action in ("promote", "back", "reject"):
        with pytest.raises(EngineRefused, match="may not promote or reject"):
            await made.step("bulk", action, "why")
    assert not (await made.find("bulk"))["can_write"]
    assert not (tmp_path / "proposals" / "bulk" / "log.jsonl").exists()


@pytest.mark.parametrize("proposal_id", ["nothing", "../bulk", "bulk/..", "", "x" * 300])
@asynchronous
async def test_names_an_unknown_proposal(tmp_path: Path, proposal_id: str) -> None:
    made = _Project(tmp_path)
    made.add("bulk")
    with pytest.raises(EngineRefused, match="there is no proposal") as refused:
        await made.find(proposal_id)
    assert refused.value.kind == "not_found"


@pytest.mark.parametrize(
    "wrong",
    [
        {"found": []},
        {"found": {"users": "many"}},
        {"examples": [{"name": 5}]},
        {"overlap": {"a": 1}},
        {"near_misses": {"sessions": "x"}},
        {"verdict": 3},
        {"kind": None},
    ],
    ids=str,
)
@asynchronous
async def test_shows_what_is_left_of_wrong_evidence(tmp_path: Path, wrong: dict[str, Any]) -> None:
    made = _Project(tmp_path)
    made.add("bulk", **wrong)
    found = await made.find("bulk")
    assert "Expected" in found["problem"]
    assert found["title"] == "Users change projects one by one"
    assert found["examples"] == []
    assert found["steps"][0]["changes"], "the steps need no evidence"
    assert (await made.list())["proposals"][0]["cost_s"] is None


@asynchronous
async def test_a_step_that_cannot_be_taken_says_why(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    folder = made.add("bulk")
    trigger = folder / "trigger.yml"
    trigger.write_text(trigger.read_text().replace("on_page: /projects", "golden_path: nowhere"))
    found = await made.find("bulk")
    assert found["steps"][0]["problem"]
    assert (found["rule"], found["toasts"]) == ([], [])
    with pytest.raises(EngineRefused):
        await made.step("bulk", "promote", "I want it.")
    with pytest.raises(EngineRefused, match="one of promote, back, reject"):
        await made.step("bulk", "delete")


@asynchronous
async def test_says_so_while_the_database_hangs_or_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _Project(tmp_path)
    made.add("bulk")
    base = (await made.find("bulk"))["base"]
    monkeypatch.setattr(module, "_WAIT_S", 0.01)
    made.reader.may_answer.clear()
    with pytest.raises(EngineRefused, match="still being read"):
        await made.find("bulk")
    with pytest.raises(EngineRefused, match="still being read"):
        await made.proposals.step(StepProposal("bulk", "promote", base, "Ann"))
    made.reader.stored = None
    made.reader.may_answer.set()
    monkeypatch.setattr(module, "_WAIT_S", 10.0)
    found = await made.find("bulk")
    assert found["next"] == "The database cannot be read, so the rule cannot decide."
    assert (found["stage"], found["base"], found["log"]) == ("draft", base, []), "no step comes later"
    assert found["steps"][0]["needs_reason"]
    assert (found["checks"], found["figures"]) == ([], [])


@asynchronous
async def test_many_who_ask_read_once(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    made.add("bulk")
    await asyncio.gather(*(made.list() for _ in range(20)))
    assert made.reader.times == 1


@asynchronous
async def test_a_wrong_file_is_named_and_does_not_last(tmp_path: Path) -> None:
    made = _Project(tmp_path)
    made.add("bulk")
    text = made.path.read_text()
    made.path.write_text("triggers: [")
    with pytest.raises(EngineRefused, match=r"autoplay\.yml"):
        await made.list()
    made.path.write_text(text)
    assert (await made.list())["proposals"][0]["stage"] == Stage.DRAFT.value
