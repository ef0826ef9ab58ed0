"""The repository's environments: what is locked, which interpreter is taken, and when one is built again."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import console
import interpreter
import make_constraints
import make_venv
import pytest
from console import ROOT, SetupFailed
from environments import DEFAULT, ENVIRONMENTS, Environment, environment

VERSION = "{}.{}".format(*sys.version_info[:2])
OTHER_VERSION = "3.99"
_ROOT = Path(ROOT)


@pytest.fixture
def wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment that is complete."""
    monkeypatch.setattr(make_venv, "ROOT", str(tmp_path))
    monkeypatch.setattr("environments.ROOT", str(tmp_path))
    made = Environment("mine", VERSION, "mine.in", "mine.txt", ".venvs/mine")
    for name in (made.requirements, made.locked, "pyproject.toml"):
        (tmp_path / name).write_text(name)
    _interpreter_at(made.interpreter, VERSION)
    Path(make_venv.stamp(made)).write_text(make_venv.fingerprint(made))
    assert make_venv.complete(made)
    return made


def _interpreter_at(path: str, version: str, status: int = 0) -> None:
    """Write a program that answers the probe as a Python of that version does."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho {version}\necho /real/python{version}\nexit {status}\n")
    file.chmod(0o755)


def test_names_and_folders_are_unique() -> None:
    for values in ([each.name for each in ENVIRONMENTS], [each.folder for each in ENVIRONMENTS]):
        assert len(set(values)) == len(values)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SetupFailed, match=r"ENV=engine-2\.7 is no environment; there are .*engine-3\.12"):
        environment("engine-2.7")


@pytest.mark.parametrize("each", ENVIRONMENTS, ids=lambda each: each.name)
def test_the_locked_file_holds_what_the_requirements_name(each: Environment) -> None:
    locked = (_ROOT / each.locked).read_text(encoding="utf-8")
    names = set(re.findall(r"^([a-z0-9.\-]+)==", locked, re.MULTILINE))
    lines = (_ROOT / each.requirements).read_text(encoding="utf-8").splitlines()
    named = {
        re.split(r"[^A-Za-z0-9.\-]", line, maxsplit=1)[0] for line in lines if line and line[0].isalpha()
    }
    assert named <= names, "run make constraints"
    assert "setuptools" in names, "the package's build in the environment needs it"
    assert "rasa-autoplay" not in names


@pytest.mark.parametrize("each", ENVIRONMENTS, ids=lambda each: each.name)
def test_every_locked_version_has_a_hash(each: Environment) -> None:
    locked = (_ROOT / each.locked).read_text(encoding="utf-8")
    entries = re.split(r"^(?=\S)", locked, flags=re.MULTILINE)
    versions = [entry for entry in entries if "==" in entry.partition("\n")[0] and entry[0] != "#"]
    assert len(versions) > 20
    assert [entry for entry in versions if "--hash=sha256:" not in entry] == []


def test_a_file_is_locked_for_the_oldest_python_that_uses_it() -> None:
    for each in make_constraints.oldest_of_each_file():
        users = [other for other in ENVIRONMENTS if other.locked == each.locked]
        assert {other.requirements for other in users} == {each.requirements}
        assert min(users, key=lambda other: [int(part) for part in other.python.split(".")]) == each


def test_the_default_is_where_the_documentation_says() -> None:
    assert (DEFAULT.folder, DEFAULT.locked) == (".venv", "constraints.txt")


@pytest.mark.parametrize("name", ["mine.txt", "pyproject.toml"])
def test_a_changed_input_makes_an_environment_incomplete(
    wanted: Environment, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("changed")
    assert not make_venv.complete(wanted)
    assert not make_venv.must_be_new(wanted, None), "what is installed can be brought up to date"


def test_a_moved_environment_is_incomplete(wanted: Environment, tmp_path: Path) -> None:
    os.rename(wanted.path, tmp_path / ".venvs" / "moved")
    assert not make_venv.complete(wanted._replace(folder=".venvs/moved"))


@pytest.mark.parametrize(("version", "status"), [(OTHER_VERSION, 0), (VERSION, 127)])
def test_an_environment_whose_interpreter_does_not_run_is_created_afresh(
    wanted: Environment, version: str, status: int
) -> None:
    _interpreter_at(wanted.interpreter, version, status)
    assert not make_venv.complete(wanted)
    assert make_venv.must_be_new(wanted, None)


def test_an_unfinished_environment_is_created_afresh(wanted: Environment) -> None:
    Path(make_venv.unfinished(wanted)).write_text("")
    assert make_venv.must_be_new(wanted, None)


def test_an_environment_of_another_interpreter_is_created_afresh(wanted: Environment) -> None:
    assert not make_venv.must_be_new(wanted, wanted.interpreter)
    assert make_venv.must_be_new(wanted, "/another/python")


def test_an_interpreter_of_another_version_or_a_dead_shim_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, other, shim = (str(tmp_path / name) for name in ("good", "other", "shim"))
    _interpreter_at(good, "3.12")
    _interpreter_at(other, "3.13")
    _interpreter_at(shim, "3.12", status=127)
    for name, found in ((good, "/real/python3.12"), (other, None), (shim, None), ("/missing", None)):
        monkeypatch.setenv("PYTHON", name)
        assert interpreter.given("3.12") == found
        assert interpreter.runs(name, "3.12") == found


def test_interpreters_are_looked_for_by_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(interpreter, "ask", _ask_only_in(tmp_path))
    _interpreter_at(str(tmp_path / "versions" / "3.12.4" / "bin" / "python3.12"), "3.12")
    assert interpreter.installed("3.12") == "/real/python3.12"
    assert interpreter.installed("3.11") is None


def _ask_only_in(folder: Path) -> Callable[..., str | None]:
    """Return ``console.ask`` that knows only the programs in that folder, and none of the machine's."""

    def asked(command: list[str], env: dict[str, str] | None = None) -> str | None:
        return console.ask(command, env) if command[0].startswith(str(folder)) else None

    return asked
