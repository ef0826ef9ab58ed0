"""``rasa-autoplay init`` adds the copilot to existing projects, and restores them on undo."""

from __future__ import annotations

import ast
import difflib
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.adopted import PROJECTS, files_of, make_project

from rasa_autoplay.tools.cli.main import main

RECORD = ".rasa-autoplay-init.json"


@pytest.fixture(params=PROJECTS)
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return _enter(request.param, tmp_path, monkeypatch)


@pytest.fixture
def enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    return lambda name: _enter(name, tmp_path, monkeypatch)


def _enter(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("AUTOPLAY_CONFIG", "OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    folder = make_project(name, tmp_path / "my bot")
    monkeypatch.chdir(folder)
    return folder


def _domain(project: Path) -> list[str]:
    return ["--domain", "domain"] if (project / "domain").is_dir() else []


@pytest.fixture(params=[[], ["--with-intent"], ["--in-process"]], ids=["by event", "by intent", "in process"])
def mode(request: pytest.FixtureRequest) -> list[str]:
    """How the bot shall speak, and where the engine shall run."""
    return list(request.param)


def test_neither_domain_nor_training_data_changes_by_default(project: Path) -> None:
    trained = ("config.yml", "domain", "data/", "data.yml")
    before = {path: text for path, text in files_of(project).items() if path.startswith(trained)}
    assert main(["init", "--yes"]) == 0
    assert {p: text for p, text in files_of(project).items() if p.startswith(trained)} == before


@pytest.mark.parametrize(
    ("arguments", "has_model", "said"),
    [
        ([], True, ""),
        ([], False, "no model in models/ yet"),
        (["--with-intent"], True, "an intent of its own"),
    ],
)
def test_says_whether_the_project_must_be_trained(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], has_model: bool, said: str
) -> None:
    (project / "models").mkdir(exist_ok=True)
    if has_model:
        (project / "models" / "model.tar.gz").write_bytes(b"")
    assert main(["init", "--yes", *arguments]) == 0
    steps = capsys.readouterr().out.partition("Next:")[2]
    assert ("rasa train" in steps, said in steps) == (bool(said), True)


def test_in_process_changes_neither_actions_nor_endpoints(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = ("actions", "endpoints.yml")
    before = {path: text for path, text in files_of(project).items() if path.startswith(others)}
    assert main(["init", "--yes", "--in-process"]) == 0
    assert {p: text for p, text in files_of(project).items() if p.startswith(others)} == before
    assert "engine: in_process" in (project / "credentials.yml").read_text(encoding="utf-8")
    steps = capsys.readouterr().out.partition("Next:")[2]
    assert ("rasa run\n" in steps, "rasa run actions" in steps) == (True, False)


def test_in_process_can_be_chosen_later(project: Path) -> None:
    assert main(["init", "--yes"]) == 0
    assert main(["init", "--yes", "--in-process"]) == 0
    assert "engine: in_process" in (project / "credentials.yml").read_text(encoding="utf-8")
    assert main(["validate", *_domain(project)]) == 0


def test_intent_can_be_added_later(project: Path) -> None:
    before = files_of(project)
    assert main(["init", "--yes"]) == 0
    assert main(["init", "--yes", "--with-intent"]) == 0
    with_intent = files_of(project)
    assert main(["init", "--yes", "--with-intent"]) == 0
    assert files_of(project) == with_intent
    assert any(b"EXTERNAL_proactive" in text for text in with_intent.values())
    assert main(["init", "--yes", "--undo"]) == 0
    assert files_of(project) == before


def test_added_configuration_is_valid(
    project: Path, capsys: pytest.CaptureFixture[str], mode: list[str]
) -> None:
    assert main(["init", "--yes", *mode]) == 0
    capsys.readouterr()
    assert main(["validate", *_domain(project)]) == 0
    printed = capsys.readouterr().out
    # Left to do: decide about other channels.
    warnings = [line for line in printed.splitlines() if line.startswith("warning: ")]
    expected = ("messages carry no user token", "any browser may speak for any user")
    assert [line for line in warnings if not any(words in line for words in expected)] == []


def test_names_channels_that_could_impersonate_users(
    enter: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    project = enter("stock")
    credentials = project / "credentials.yml"
    credentials.write_text("rest:\n\ncallback:\n  url: http://localhost:5034/bot\n")
    assert main(["init", "--yes"]) == 0
    assert "warning: credentials.yml: rest, callback: messages carry no user token" in capsys.readouterr().out
    assert main(["validate"]) == 0
    lines = credentials.read_text().splitlines()
    printed = capsys.readouterr().out
    for name in ("rest", "callback"):
        place = f"credentials.yml:{lines.index(f'{name}:') + 1}: {name}: messages carry no user token"
        assert place in printed


def test_channel_works_for_a_local_app(project: Path) -> None:
    from rasa_autoplay.settings.channel import SECTION, read_channel_settings
    from rasa_autoplay.settings.yaml_file import YamlFile

    assert main(["init", "--yes"]) == 0
    settings = read_channel_settings(YamlFile(project / "credentials.yml").data()[SECTION])
    assert settings.capture is not None
    assert settings.identity == "none"
    assert settings.product_id == "my-bot"
    assert {"http://localhost:3000", "http://127.0.0.1:5005"} <= set(settings.allowed_origins)


def test_changes_no_existing_line(project: Path, mode: list[str]) -> None:
    before = files_of(project)
    assert main(["init", "--yes", *mode]) == 0
    after = files_of(project)
    assert before.keys() <= after.keys()
    for path, was in before.items():
        old, new = was.decode().splitlines(), after[path].decode().splitlines()
        lost = [line for line in difflib.ndiff(old, new) if line.startswith("- ")]
        assert [line for line in lost if "[" not in line] == [], path


def test_undo_restores_every_byte(project: Path, mode: list[str]) -> None:
    before = files_of(project)
    assert main(["init", "--yes", *mode]) == 0
    assert files_of(project) != before
    assert main(["init", "--yes", "--undo"]) == 0
    assert files_of(project) == before


def test_running_twice_changes_nothing_more(
    project: Path, capsys: pytest.CaptureFixture[str], mode: list[str]
) -> None:
    assert main(["init", "--yes", *mode]) == 0
    once = files_of(project)
    capsys.readouterr()
    assert main(["init", "--yes", *mode]) == 0
    assert "Nothing to change" in capsys.readouterr().out
    assert files_of(project) == once


def test_actions_module_stays_valid_and_imports_ours(project: Path) -> None:
    assert main(["init", "--yes"]) == 0
    module = next(file for file in (project / "actions.py", project / "actions/__init__.py") if file.exists())
    imports = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.ImportFrom)]
    assert [node.module for node in imports].count("rasa_autoplay.actions") == 1
    assert "from __future__" not in module.read_text().partition("rasa_autoplay")[2]


def test_shows_no_neighbouring_secrets(
    enter: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    project = enter("socketio")
    assert main(["init", "--yes"]) == 0
    printed = capsys.readouterr().out
    assert "+  metadata_key: customData" in printed
    assert "xoxb" not in printed
    assert "xoxb" not in (project / RECORD).read_text()


def test_adds_removed_parts_again_and_undoes_all(enter: Callable[[str], Path]) -> None:
    project = enter("stock")
    before = files_of(project)
    assert main(["init", "--yes", "--with-intent"]) == 0
    added = "  - EXTERNAL_proactive # autoplay\n"
    domain = project / "domain.yml"
    assert added in domain.read_text()
    domain.write_text(domain.read_text().replace(added, ""))
    assert main(["init", "--yes", "--with-intent"]) == 0
    assert added in domain.read_text()
    assert main(["init", "--yes", "--undo"]) == 0
    assert files_of(project) == before


def test_undo_keeps_edits_elsewhere_in_a_file(enter: Callable[[str], Path]) -> None:
    project = enter("stock")
    domain = project / "domain.yml"
    before = domain.read_text()
    assert main(["init", "--yes", "--with-intent"]) == 0
    domain.write_text("# theirs\n" + domain.read_text())
    assert main(["init", "--yes", "--undo"]) == 0
    assert domain.read_text() == "# theirs\n" + before


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("credentials.yml", "identity: none", "identity: report_only"),
        ("credentials.yml", "  capture: true", "  admin_key: s3cret\n  capture: true"),
        ("credentials.yml", "    - http://127.0.0.1:8080\n", "    - https://app.example.com\n"),
        ("credentials.yml", "rasa_autoplay.channel.AutoplayInput:", "my.Channel:"),
        ("domain.yml", "influence_conversation: false", "influence_conversation: true"),
    ],
)
def test_undo_refuses_to_lose_edits_and_names_them(
    enter: Callable[[str], Path], capsys: pytest.CaptureFixture[str], path: str, old: str, new: str
) -> None:
    project = enter("stock")
    assert main(["init", "--yes", "--with-intent"]) == 0
    file = project / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    changed = files_of(project)
    assert main(["init", "--yes", "--undo"]) == 1
    told = capsys.readouterr().err
    (place,) = [line for line in told.splitlines() if line.startswith(f"{path}:")]
    line = file.read_text().splitlines()[int(place.split(":")[1]) - 1]
    assert line.strip().partition(":")[0] in new, place
    assert "s3cret" not in told
    assert "--discard-edits" in told
    assert files_of(project) == changed


def test_undo_keeps_what_people_wrote_around_it(project: Path, mode: list[str]) -> None:
    before = files_of(project)
    assert main(["init", "--yes", *mode]) == 0
    record = json.loads((project / RECORD).read_text())["files"]
    # The first line of a Python file may have to stay the first: "#!" or an encoding.
    edited = [path for path, entry in record.items() if not entry["made"] and path.endswith(".yml")]
    for path in edited:
        text = (project / path).read_bytes()
        (project / path).write_bytes(b"# mine\n" + text + b"mine: 1 # too\n")
    assert main(["init", "--yes", "--undo"]) == 0
    after = files_of(project)
    assert edited
    for path in edited:
        was = before[path]
        assert after.pop(path) in [
            b"# mine\n" + was + end + b"mine: 1 # too\n" for end in (b"", b"\n", b"\r\n")
        ]
        del before[path]
    assert after == before


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("autoplay.yml", "at_least: 3", "at_least: 4"),
        ("autoplay.yml", "database:", "poll_interval: 5s\ndatabase:"),
        ("golden_paths/repeated-saves.yml", ".entries", "#invoices"),
    ],
)
def test_undo_keeps_edited_files_of_the_engine(
    enter: Callable[[str], Path], capsys: pytest.CaptureFixture[str], path: str, old: str, new: str
) -> None:
    project = enter("stock")
    before = files_of(project)
    assert main(["init", "--yes"]) == 0
    (project / path).write_text((project / path).read_text().replace(old, new))
    files = {name: files_of(project)[name] for name in ("autoplay.yml", "golden_paths/repeated-saves.yml")}
    assert main(["init", "--yes", "--undo"]) == 0
    assert "Kept autoplay.yml and golden_paths/repeated-saves.yml" in capsys.readouterr().out
    assert files_of(project) == {**before, **files, "golden_paths": b"(a folder)"}
    # The next init uses them.
    assert main(["init", "--yes"]) == 0
    assert (project / path).read_bytes() == files[path]
    assert main(["validate"]) == 0


def test_undo_can_discard_edits_and_shows_no_secrets(
    enter: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    project = enter("stock")
    before = files_of(project)
    assert main(["init", "--yes"]) == 0
    credentials = project / "credentials.yml"
    credentials.write_text(
        credentials.read_text().replace("  capture: true", "  admin_key: s3cret\n  capture: true")
    )
    capsys.readouterr()
    assert main(["init", "--yes", "--undo", "--discard-edits"]) == 0
    printed = capsys.readouterr().out
    assert "-  admin_key: …\n" in printed
    assert "-  identity: none" in printed
    assert "s3cret" not in printed
    assert files_of(project) == before


def test_undo_leaves_no_broken_file(enter: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    project = enter("stock")
    assert main(["init", "--yes"]) == 0
    module = project / "actions" / "__init__.py"
    # Without the import, the block would be empty.
    module.write_text("try:\n    " + module.read_text() + "except ImportError:\n    raise\n")
    changed = files_of(project)
    assert main(["init", "--yes", "--undo"]) == 1
    assert "actions/__init__.py: without what init added" in capsys.readouterr().err
    assert files_of(project) == changed


def test_discarding_belongs_to_undo(enter: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    enter("stock")
    assert main(["init", "--yes", "--discard-edits"]) == 1
    assert "--discard-edits belongs to --undo" in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_asks_for_confirmation(
    enter: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    status: int,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    project = enter("stock")
    before = files_of(project)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert main(["init", "--with-intent"]) == status
    assert (files_of(project) == before) is (status == 1)
    printed = capsys.readouterr().out
    assert "--- a/domain.yml\n+++ b/domain.yml\n" in printed
    assert "+  - EXTERNAL_proactive # autoplay" in printed


def _rewrite(path: str, text: str) -> Callable[[Path], object]:
    def write(project: Path) -> None:
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text)

    return write


@pytest.mark.parametrize(
    ("spoil", "arguments", "said"),
    [
        (lambda p: [(p / f).unlink() for f in ("domain.yml", "config.yml")], [], "is not a Rasa project"),
        (lambda p: (p / "domain.yml").unlink(), [], "There is no domain.yml or domain here."),
        (_rewrite("domain.yml", "intents:\n  - [broken\n"), [], "domain.yml:3: not valid YAML"),
        (_rewrite("domain.yml", "- a list\n"), [], "domain.yml:1: the file must be a mapping"),
        (_rewrite("domain.yml", "intents: &all [a]\nentities: *all\n"), [], "cannot be added to"),
        (_rewrite("domain.yml", "intents: {a: b}\n"), [], "the section intents is not a list"),
        (_rewrite("domain.yml", "slots: {a: {type: text}}\n"), [], "slots is written in braces"),
        (_rewrite("data/nlu.yml", "nlu: [\n"), [], "nlu.yml:2: not valid YAML"),
        (
            _rewrite("data/autoplay.yml", "rules: []\n"),
            [],
            "data/autoplay.yml already exists",
        ),
        (_rewrite("actions/actions.py", "def (:\n"), [], "actions/actions.py:1: not valid Python"),
        (_rewrite("autoplay.yml", "product_id: one\n"), ["--product-id", "two"], "The product ids differ"),
        (_rewrite("autoplay.yml", "product_id: [\n"), [], "autoplay.yml:2: not valid YAML"),
        (_rewrite("x", ""), ["--data", "training"], "There is no folder training here."),
        (_rewrite("x", ""), ["--actions", "my actions"], "'my actions' is not a module name"),
        (_rewrite("x", ""), ["--undo"], f"There is no {RECORD} here"),
        (_rewrite(RECORD, "{}"), ["--undo"], f"{RECORD} is damaged"),
    ],
)
def test_refuses_with_a_reason_and_changes_nothing(
    enter: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Path], object],
    arguments: list[str],
    said: str,
) -> None:
    project = enter("stock")
    spoil(project)
    before = files_of(project)
    assert main(["init", "--yes", "--with-intent", *arguments]) == 1
    assert said in capsys.readouterr().err
    assert files_of(project) == before


def test_requires_yes_without_a_terminal(
    enter: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = enter("stock")
    before = files_of(project)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["init"]) == 1
    assert "--yes" in capsys.readouterr().err
    assert files_of(project) == before


@pytest.mark.parametrize("last_good", range(5))
def test_writes_no_file_when_one_cannot_be_written(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], last_good: int
) -> None:
    before = files_of(project)
    real, calls = os.replace, iter(range(100))

    def full(source: Path, target: Path) -> None:
        if next(calls) == last_good:
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", full)
    assert main(["init", "--yes", "--with-intent"]) == 1
    assert "No space left on device. Nothing was changed." in capsys.readouterr().err
    assert files_of(project) == before
