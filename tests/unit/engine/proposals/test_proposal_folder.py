"""A folder of proposals is read with suspicion: anybody may have put anything there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.proposals import write_proposal

from rasa_autoplay.engine.proposals.proposal_folder import ProposalFolder
from rasa_autoplay.engine.proposals.stage import Stage, entry_of, stage_of
from rasa_autoplay.errors import ConfigError


def test_reads_a_proposal(tmp_path: Path) -> None:
    write_proposal(tmp_path, "bulk-edit", path="default")
    found = ProposalFolder(tmp_path).read("bulk-edit")
    assert found.id == found.trigger["id"] == found.path_id == "bulk-edit"
    assert found.backtest is not None
    assert found.backtest.found_share == 0.1
    assert found.title == "Users change projects one by one"
    assert found.log == ()


def test_lists_proposals_in_order_and_names_what_cannot_be_read(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write_proposal(tmp_path, name)
    (tmp_path / "empty").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").write_text("no folder")
    found = ProposalFolder(tmp_path).read_all()
    assert [each.id for each in found.proposals] == ["a", "b"]
    assert list(found.problems) == ["empty"]
    assert "empty/trigger.yml" in found.problems["empty"]


def test_a_missing_folder_has_no_proposals(tmp_path: Path) -> None:
    assert ProposalFolder(tmp_path / "none").read_all() == ([], {})


@pytest.mark.parametrize("name", ["..", "../other", "a/b", "/etc", "", ".", "a\0b", "x" * 81, "no-such-one"])
def test_an_id_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    write_proposal(tmp_path / "other", "a")
    root = tmp_path / "proposals"
    root.mkdir()
    with pytest.raises(ConfigError, match="no proposal"):
        ProposalFolder(root).read(name)


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        ("id: another\nwhen: {{on_page: /}}\nbody: B\n", "must be the folder's name"),
        ("when: {{on_page: /}}\n", "must be the folder's name"),
        ("id: {id}\npredicate: 'os:system'\nbody: B\n", "predicate"),
        ("id: {id}\nexternal: true\n", "external"),
        ("id: {id}\nwhen: {{on_page: /}}\nbody: '${{SECRET}}'\n", "environment variables"),
        ("id: [", "YAML"),
        ("- id: {id}\n", "mapping"),
        ("a: &a [1]\nid: {id}\nb: *a\n", "aliases"),
        ("[" * 10_000, "nested"),
        ("id: {id}\n# " + "x" * 20_000, "larger than 20 kB"),
        ("", "no such file"),
    ],
    ids=range(11),
)
def test_refuses_a_trigger_that_is_no_plain_rule(tmp_path: Path, trigger: str, expected: str) -> None:
    write_proposal(tmp_path, "p", trigger=trigger)
    with pytest.raises(ConfigError, match=expected):
        ProposalFolder(tmp_path).read("p")


@pytest.mark.parametrize("name", ["trigger.yml", "path.yml", "evidence.json", "log.jsonl"])
def test_follows_no_link_and_opens_no_pipe(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("id: p\n")
    folder = write_proposal(tmp_path / "proposals", "p")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(secret)
    with pytest.raises(ConfigError, match="it is a link"):
        ProposalFolder(tmp_path / "proposals").read("p")
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ConfigError, match="not a regular file"):
        ProposalFolder(tmp_path / "proposals").read("p")


def test_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    write_proposal(tmp_path / "elsewhere", "p")
    (tmp_path / "proposals").mkdir()
    (tmp_path / "proposals" / "p").symlink_to(tmp_path / "elsewhere" / "p")
    found = ProposalFolder(tmp_path / "proposals").read_all()
    assert not found.proposals
    assert "link" in found.problems["p"]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("evidence.json", "{", "JSON"),
        ("evidence.json", "[1]", "JSON object"),
        ("evidence.json", "[" * 100_000, "JSON"),
        ("evidence.json", '{"backtest": {"fires": "many"}}', "backtest"),
        ("log.jsonl", '{"at": 1}\n', "log.jsonl:1"),
        ("path.yml", "id: ../up\n", "not an id"),
        ("path.yml", "id: p\ntitle: '${SECRET}'\n", "environment variables"),
    ],
    ids=range(7),
)
def test_names_the_file_that_is_wrong(tmp_path: Path, name: str, content: str, expected: str) -> None:
    folder = write_proposal(tmp_path, "p")
    (folder / name).write_text(content)
    with pytest.raises(ConfigError, match=expected) as refused:
        ProposalFolder(tmp_path).read("p")
    assert str(refused.value).startswith("p/")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    folder = write_proposal(tmp_path, "p")
    (folder / "trigger.yml").write_bytes(b"id: p\xff\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        ProposalFolder(tmp_path).read("p")


@pytest.mark.parametrize(
    ("entry", "stage"),
    [
        (None, Stage.DRAFT),
        ({"rollout": "off"}, Stage.DRAFT),
        ({"rollout": "ghost"}, Stage.GHOST),
        ({"rollout": "0%"}, Stage.GHOST),
        ({"rollout": "5%"}, Stage.TRIAL),
        ({"rollout": {"share": "50%", "salt": "x"}}, Stage.TRIAL),
        ({"rollout": "100%"}, Stage.LIVE),
        ({"rollout": "live"}, Stage.LIVE),
        ({}, Stage.LIVE),
    ],
)
def test_the_stage_is_what_the_file_says(entry: dict[str, object] | None, stage: Stage) -> None:
    triggers = [{"builtin": "other"}, "nonsense"] if entry is None else [{"id": "p", **entry}]
    assert stage_of(entry_of(triggers, "p")) is stage
