"""The doctor compares the pauses of the database with those of the running engines, and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from rasa_autoplay.tools.cli.main import main
from rasa_autoplay.tools.doctor.health_request import Running
from rasa_autoplay.tools.doctor.pauses import pauses, pauses_in_force
from rasa_autoplay.tools.doctor.project import Project, read_project

CONFIG = "product_id: demo\ntriggers: [{builtin: rage_click}]\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    (tmp_path / "autoplay.yml").write_text(CONFIG, "utf-8")
    return read_project(tmp_path, python=(3, 10), packages={}, environment={})


def running(project: Project, **engine: Any) -> Running:
    return Running(project, "", {"engine": engine}, {}, 0.0, reaches_actions=True)


def pause() -> None:
    assert main(["pause", "rage_click", "--why", "wrong words", "--by", "Ann"]) == 0


def test_names_who_paused_what_when_and_why(project: Project) -> None:
    pause()
    (problem,) = pauses(project)
    assert problem.found.startswith("Ann paused rage_click on 20")
    assert problem.found.endswith(" UTC: wrong words")
    assert problem.remedy == "rasa-autoplay resume rage_click"
    assert main(["resume", "rage_click"]) == 0
    assert list(pauses(project)) == []


def test_finds_nothing_if_the_engine_knows_the_pause(project: Project) -> None:
    pause()
    known = {"pauses": [{"trigger_id": "rage_click", "at": 1.0}]}
    assert list(pauses_in_force(running(project, **known))) == []
    assert list(pauses_in_force(running(project, engines={"e1": known, "e2": {"state": "away"}}))) == []


def test_finds_an_engine_that_does_not_know_the_pause(project: Project) -> None:
    pause()
    (problem,) = pauses_in_force(running(project, engines={"e1": {"pauses": []}}))
    assert problem.severity == "error"
    assert problem.found == "the engine e1 does not know the pause of rage_click"


def test_finds_an_engine_with_a_pause_of_another_database(project: Project) -> None:
    pause()
    main(["resume", "rage_click"])
    (problem,) = pauses_in_force(running(project, pauses=[{"trigger_id": "", "at": 1.0}]))
    assert problem.found.startswith("the running engine has paused all triggers, which")


def test_creates_no_database_and_no_table(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    assert list(pauses(project)) == []
    assert not (project.folder / "autoplay.db").exists()
    engine = sa.create_engine(f"sqlite:///{project.folder / 'autoplay.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE other (x INTEGER)"))
    assert list(pauses(project)) == []
    assert list(pauses_in_force(running(project, pauses=[{"trigger_id": "x"}]))) == []
    assert sa.inspect(engine).get_table_names() == ["other"]
    assert not caplog.records


def test_says_nothing_of_a_database_url_that_cannot_be_used(project: Project) -> None:
    broken = replace(project, engine={"product_id": "demo", "database": {"url": "nonsense"}})
    assert list(pauses(broken)) == []
