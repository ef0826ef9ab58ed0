"""Each command says which name it does not know, with the nearest that it does, and fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.processes import ROOT

from rasa_autoplay.tools.cli.main import main

CONFIG = """
product_id: demo
triggers:
  - id: repeated_saves
    body: Shall I?
    when: {count: {title: save, at_least: 3, within: 2m}}
    golden_path: export
golden_paths: paths
"""
PATH = """
id: export
title: Export a report
steps:
  - {id: menu, title: Menu, text: Open it., done_when: {element_id: menu}}
"""
NO_TRIGGER = "There is no trigger 'repeated_save'; did you mean 'repeated_saves'? Triggers: repeated_saves."
NO_PATH = "There is no golden path 'exporte'; did you mean 'export'? Golden paths: export."


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {"autoplay.yml": CONFIG, "paths/export.yml": PATH}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    shutil.copy(ROOT / "docs" / "simulate" / "monday.jsonl", tmp_path / "one.jsonl")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    assert main(["changes"]) == 0  # creates the database


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pause repeated_save --why x", NO_TRIGGER),
        ("resume repeated_save", NO_TRIGGER),
        ("results --trigger repeated_save", NO_TRIGGER),
        ("results --variant b", "There are no results of a variant 'b'. Variants: none."),
        ("confirm exporte menu", NO_PATH),
        ("confirm export men", "has no step 'men'; did you mean 'menu'? Steps: menu."),
        ("verify http://127.0.0.1:9 --path exporte", NO_PATH),
        ("verify http://127.0.0.1:9 --start exporte=/x", NO_PATH),
        ("record one.jsonl --session ps_2", "There is no session 'ps_2'."),
        ("record two.jsonl", "two.jsonl: there is no such file or folder."),
        ("simulate two.jsonl", "two.jsonl: there is no such file or folder."),
        ("simulate one.jsonl --config two.yml", "two.yml: cannot be read: No such file or directory."),
        ("simulate one.jsonl --compare two.yml", "two.yml: cannot be read: No such file or directory."),
        ("validate --domain two.yml", "two.yml: there is no such file or folder."),
        ("doctor --page two.html", "--page: two.html: there is no such file or folder."),
        ("migrate-sdk two.py", "two.py: cannot be read: No such file or directory."),
        ("user show u1", "Nothing is stored about a user 'u1' of 'demo'."),
    ],
)
def test_names_what_is_unknown(line: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) in (1, 2)
    told = capsys.readouterr()
    assert said in told.out + told.err


def test_names_the_nearest_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["tial", "--user", "u1"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-2] == "There is no command 'tial'; did you mean 'tail'?"
