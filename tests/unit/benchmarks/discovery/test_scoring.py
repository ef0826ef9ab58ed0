"""The scorer of discovery, on proposals that a person wrote."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from support.hand_written_proposals import named, right, write

from benchmarks.discovery.acts import Act
from benchmarks.discovery.app import APPS, read_app
from benchmarks.discovery.scoring import MAX_DUPLICATES, score
from benchmarks.discovery.truth import Truth, World, truths_of


@cache
def world(seed: int = 1) -> World:
    app = read_app(APPS[seed])
    return World(app.name, app.origin, seed, 0, 0, 0, 21, list(app.menu), truths_of(app))


def truth(wanted: str, seed: int = 1) -> Truth:
    return next(each for each in world(seed).truths if each.id == wanted)


@pytest.mark.parametrize("seed", APPS)
def test_each_app_has_20_truths_of_all_kinds(seed: int) -> None:
    kinds = [each.kind for each in world(seed).truths]

    assert len(kinds) == 20
    assert set(kinds) == {"workflow", "repetition", "detour", "stall", "unused_feature"}


@pytest.mark.parametrize("seed", APPS)
@pytest.mark.parametrize("language", [0, 1])
def test_right_proposals_are_found_in_any_language(tmp_path: Path, seed: int, language: int) -> None:
    for each in world(seed).truths:
        right(tmp_path, each, language)

    result = score(tmp_path, world(seed))

    assert result.missed == []
    assert result.false == {}
    assert {key: value.partition("-")[0].upper() for key, value in result.found.items()} == {
        each.id: each.id for each in world(seed).truths
    }


def test_each_truth_is_met_by_its_own_proposal_only(tmp_path: Path) -> None:
    for each in world().truths:
        right(tmp_path / each.id, each)
        result = score(tmp_path / each.id, world())
        assert list(result.found) == [each.id]


def test_further_proposals_for_a_truth_are_duplicates_and_false_from_the_sixth(tmp_path: Path) -> None:
    for language in range(9):
        right(tmp_path, truth("W1"), language)

    result = score(tmp_path, world())

    assert list(result.found) == ["W1"]
    assert len(result.duplicates) == 8
    assert result.false_count == 8 - MAX_DUPLICATES


def evidence(kind: str, page: str, slow: list[Act], fast: list[Act]) -> dict[str, object]:
    ways = {"slow_way": {"acts": [*map(named, slow)]}, "fast_way": {"acts": [*map(named, fast)]}}
    return {"kind": kind, "page": page, "found": ways}


def test_a_page_without_acts_is_too_vague(tmp_path: Path) -> None:
    for kind in ("repetition", "detour", "stall", "unused_feature", "workflow"):
        content: dict[str, object] = {"kind": kind, "page": "/projects", "found": {}}
        write(tmp_path / kind, {"id": kind, "when": {"on_page": "/projects"}}, evidence=content)

    result = score(tmp_path, world())

    assert result.found == {}
    assert len(result.false) == 5


def test_patterns_that_fit_everything_name_nothing(tmp_path: Path) -> None:
    patterns = ["*", {"regex": ".*"}, {"regex": "."}, "Click *", "e", {"regex": "^Click"}]
    for number, pattern in enumerate(patterns):
        acts = [{"page": "/projects", "title": pattern}, {"page": "/projects/:id/edit", "title": pattern}]
        content = {"kind": "repetition", "page": "/projects", "slow_way": acts, "fast_way": acts}
        path = {"id": "x", "steps": [{"id": f"s{at}", "done_when": {"title": pattern}} for at in range(9)]}
        write(
            tmp_path / f"p{number}",
            {"id": f"p{number}", "when": {"count": {"title": pattern}}},
            path,
            content,
        )
        workflow = {**content, "kind": "workflow"}
        write(
            tmp_path / f"w{number}",
            {"id": f"w{number}", "when": {"count": {"title": pattern}}},
            path,
            workflow,
        )

    assert score(tmp_path, world()).found == {}


def test_a_repetition_without_its_bulk_feature_is_only_related(tmp_path: Path) -> None:
    r1 = truth("R1")
    write(
        tmp_path / "r1", {"id": "r1", "when": {}}, evidence=evidence("repetition", "/projects", r1.slow, [])
    )

    result = score(tmp_path, world())

    assert result.found == {}
    assert result.related == {"r1": "R1"}
    assert result.false == {}


def test_a_wrong_fast_way_is_false(tmp_path: Path) -> None:
    r1, r3, d1 = truth("R1"), truth("R3"), truth("D1")
    write(
        tmp_path / "a",
        {"id": "a", "when": {}},
        evidence=evidence("repetition", "/projects", r1.slow, d1.fast),
    )
    content = evidence("repetition", "/invoices", r3.slow, d1.fast)
    path = {"id": "b", "steps": [{"id": "s", "done_when": {"element_id": "invoice-menu-pdf"}}]}
    write(tmp_path / "b", {"id": "b", "when": {}}, path, content)

    result = score(tmp_path, world())

    assert result.found == {}
    assert "b" in result.false


def test_decoys_are_false(tmp_path: Path) -> None:
    app = read_app(APPS[1])
    for decoy in app.tasks:
        if decoy.kind == "decoy" and decoy.slow:
            acts = [act for act in decoy.slow if isinstance(act, Act)]
            content = evidence("repetition", decoy.entry, acts, [])
            write(tmp_path / decoy.id, {"id": decoy.id, "when": {}}, evidence=content)

    result = score(tmp_path, world())

    assert result.found == {}
    assert result.related == {}
    assert len(result.false) == 6


def test_a_workflow_without_its_success_or_in_disorder_is_not_found(tmp_path: Path) -> None:
    w3 = truth("W3")
    unfinished = Truth(**{field: getattr(w3, field) for field in w3.__struct_fields__})
    unfinished.slow = w3.slow[:7]
    right(tmp_path / "unfinished", unfinished)
    backwards = Truth(**{field: getattr(w3, field) for field in w3.__struct_fields__})
    backwards.slow = w3.slow[::-1]
    right(tmp_path / "backwards", backwards)

    assert score(tmp_path / "unfinished", world()).found == {}
    assert score(tmp_path / "backwards", world()).found == {}


def test_a_trigger_alone_is_judged_by_its_conditions(tmp_path: Path) -> None:
    when = {
        "all": [
            {"on_page": "/projects"},
            {"count": {"element_id": "project-save", "page": "/projects/:id/edit", "at_least": 3}},
            {"never": {"title": ["bulk edit", "apply to"]}},
        ]
    }
    write(tmp_path / "alone", {"id": "alone", "when": when}, evidence={"kind": "repetition"})

    assert score(tmp_path, world()).found == {"R1": "alone"}


def test_an_id_may_keep_the_letters_of_a_record(tmp_path: Path) -> None:
    acts = [
        {"page": "/tickets", "element_id": "ticket-archive-T*", "title": "Click Archive Acme Ltd"},
        {"page": "/tickets", "title": "Click Yes, archive"},
    ]
    fast = [{"page": "/tickets", "element_id": "tickets-archive-selected", "title": "Click Archive selected"}]
    content = {"kind": "repetition", "page": "/tickets", "slow_way": acts, "fast_way": fast}
    write(tmp_path / "r2", {"id": "r2", "when": {}}, evidence=content)
    acts = [{**acts[0], "element_id": "*", "title": ""}, acts[1]]
    write(tmp_path / "vague", {"id": "vague", "when": {}}, evidence={**content, "slow_way": acts})

    result = score(tmp_path, world())

    assert result.found == {"R2": "r2"}
    assert list(result.false) == ["vague"]


def test_hostile_folders_are_false_and_stop_nothing(tmp_path: Path) -> None:
    right(tmp_path, truth("W1"))
    for name, trigger in {
        "empty": "",
        "broken": "id: [",
        "list": "- 1\n- 2",
        "text": "hello",
        "object": "!!python/object/apply:os.system [exit]",
        "no-condition": "id: x",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "trigger.yml").write_text(trigger, encoding="utf-8")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "bytes").mkdir()
    (tmp_path / "bytes" / "trigger.yml").write_bytes(b"\xff\xfe\x00")
    deep = "[" * 5000 + "]" * 5000
    for name, content in {
        "deep": deep,
        "number": "7",
        "wrong": json.dumps({"found": 7, "slow_way": [[]]}),
    }.items():
        write(tmp_path / name, {"id": name, "when": {"count": 7}})
        (tmp_path / name / "evidence.json").write_text(content, encoding="utf-8")
    (tmp_path / "a-file").write_text("x")

    result = score(tmp_path, world())

    assert result.found == {"W1": "w1-0"}
    assert len(result.false) == 11


def test_hundreds_of_proposals_do_not_raise_the_score(tmp_path: Path) -> None:
    for number in range(300):
        content = {"kind": "stall", "page": f"/page-{number}", "slow_way": [f"Click Button {number}"]}
        write(tmp_path / f"p{number}", {"id": f"p{number}", "when": {}}, evidence=content)

    result = score(tmp_path, world())

    assert result.found == {}
    assert result.false_count == 300


def test_no_proposals_find_nothing(tmp_path: Path) -> None:
    result = score(tmp_path / "missing", world())

    assert (result.found, result.false_count, len(result.missed)) == ({}, 0, 20)
