"""What people type wrong: ``validate`` names file, line and cause, and the line to write instead."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.yaml_damage import DAMAGES, Damaged, damage_line

from rasa_autoplay.tools.cli.main import main

ROOT = Path(__file__).parents[4]
CONFIG = "autoplay.yml"
PATH = "example_bot/golden_paths/projects-bulk-edit.yml"
CREDENTIALS = "credentials.yml"
ENDPOINTS = "endpoints.yml"
#: An error of one file: its line, its text, and the lines after it.
FOUND = r"^{}:(\d+): (.*)((?:\n    .*)*)"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of this repository's own project."""
    for name in (CONFIG, CREDENTIALS, "domain.yml", ENDPOINTS):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    # In one language: a step with another id would need another id in the German texts, too.
    paths = Path("example_bot") / "golden_paths"
    shutil.copytree(ROOT / paths, tmp_path / paths, ignore=shutil.ignore_patterns("*.de.yml"))
    monkeypatch.chdir(tmp_path)
    for variable in ("AUTOPLAY_CONFIG", "OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def validate(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = main(["validate"])
    return status, capsys.readouterr().out


def corrected(text: str, line: int, message: str, block: str) -> str:
    """Apply what an error says: the first line that it shows replaces the line, the others follow it."""
    lines = text.split("\n")
    instead = (
        [] if message.endswith("Remove the line.") else [row[4:] for row in block.strip("\n").split("\n")]
    )
    return "\n".join([*lines[: line - 1], *instead, *lines[line:]])


def change(project: Path, name: str, old: str, new: str) -> Damaged:
    text = (project / name).read_text("utf-8")
    assert old in text, old
    at = text.count("\n", 0, text.index(old)) + 1
    damaged = text.replace(old, new, 1)
    (project / name).write_text(damaged, "utf-8")
    return Damaged(damaged, at)


TYPED: list[tuple[str, str, str, str, str]] = [
    (PATH, "title: Bulk edit projects", "title: Note: edit", "contains a colon", 'title: "Note: edit"'),
    (CONFIG, 'version: "1"', "version: 1", "version: must be '1'", 'version: "1"'),
    (CONFIG, "    body:", "\tbody:", "indented by a tab", "    body:"),
    (CONFIG, "product_id: demo", "product_id = demo", "a colon after its name, not =", "product_id: demo"),
    (CONFIG, "product_id: demo", "product_id: “demo”", "", ""),
    (CONFIG, "cooldown: 20s", "cooldown: 20", "has no unit", "cooldown: 20s"),
    (CONFIG, "cooldown: 20s", 'cooldown: "1:30"', "is not a duration", ""),
    (
        CONFIG,
        "golden_path: projects",
        "golden_path: project",
        "did you mean",
        "golden_path: projects-bulk-edit",
    ),
    (CONFIG, "triggers:\n  - id: bulk", "triggers:\n    id: bulk", "dash", "  - id: bulk_edit_opportunity"),
    (CONFIG, "version: ", 'version: "1"\nversion: ', "second time", "Remove the line."),
    (CONFIG, "courtesy: {", "courtesi: {", "did you mean 'courtesy'", "courtesy: {"),
    (PATH, "  - id: bulk-edit", "  - id: options", "two steps have the id 'options'", "  - id: options-2"),
    (PATH, "  - id: bulk-edit", "  -id: bulk-edit", "a space is missing after the dash", "  - id: bulk-edit"),
    (PATH, "  - id: bulk-edit", "   - id: bulk-edit", "wrong number of spaces", "  - id: bulk-edit"),
    (PATH, "title: Bulk edit projects", "title: true", "reads this as a truth value", 'title: "true"'),
    (PATH, "title: Bulk edit projects", "title: 007", "reads this as the number 7", 'title: "007"'),
    (PATH, "title: Bulk edit projects", "title: *Bulk* edit", "needs quotes", 'title: "*Bulk* edit"'),
    (PATH, "title: Bulk edit projects", 'title: "Bulk edit', "does not end with it", 'title: "Bulk edit"'),
    (
        PATH,
        "title: Bulk edit projects",
        "title: \"Bulk edit # it's short",
        "does not end with it",
        'title: "Bulk edit" # it\'s short',
    ),
    (
        CONFIG,
        "session: {interaction_timeout: 10s, cooldown: 20s, window: {lookback: 5m, max_actions: 200}}",
        "session: {cooldown: 20s # short, for trials",
        "} is missing at the end",
        "session: {cooldown: 20s} # short, for trials",
    ),
    (CREDENTIALS, "identity: none", "identitiy: none", "did you mean 'identity'", "identity: none"),
    (CREDENTIALS, "identity: none", "identity: None", "must be one of 'none'", "identity: none"),
    (CREDENTIALS, "capture: true", "capture:true", "a space is missing after the colon", "capture: true"),
    (
        ENDPOINTS,
        "action_endpoint:",
        "tracker_store:\n  type: SLQ\naction_endpoint:",
        "there is no type 'SLQ'",
        "type: SQL",
    ),
    (
        ENDPOINTS,
        "action_endpoint:",
        "lock_store: {type: rediss}\naction_endpoint:",
        "there is no type 'rediss'",
        "lock_store: {type: redis}",
    ),
]


@pytest.mark.parametrize(("name", "old", "new", "cause", "instead"), TYPED, ids=[row[2] for row in TYPED])
def test_names_the_cause_and_the_corrected_line(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, old: str, new: str, cause: str, instead: str
) -> None:
    damaged = change(project, name, old, new)
    status, told = validate(capsys)
    if not cause:  # it is what stands there; see the test of product ids that differ
        assert status == 1
        return
    found = re.findall(FOUND.format(re.escape(Path(name).name)), told, re.MULTILINE)
    line, message, block = next(each for each in found if cause in each[1])
    assert abs(int(line) - damaged.line) <= 1 + new.count("\n")
    assert instead in f"{message}{block}"
    (project / name).write_text(corrected(damaged.text, int(line), message, block), "utf-8")
    assert validate(capsys)[0] == 0


def test_proposes_steps_for_an_empty_list(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (project / PATH).read_text("utf-8")
    (project / PATH).write_text(text[: text.index("steps:")] + "steps: []\n", "utf-8")
    _, told = validate(capsys)
    assert "steps: must not be empty. Write instead:\n    steps:\n      - id: first-step" in told


def test_proposes_dashes_for_triggers_that_are_no_list(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = "product_id: demo\ntriggers:\n  rage:\n    builtin: rage_click\n"
    (project / CONFIG).write_text(config, "utf-8")
    _, told = validate(capsys)
    assert ": must be a list. Perhaps its items need dashes. Write instead:\n      - id: rage\n" in told


def test_puts_the_dash_before_an_item_and_not_before_a_comment(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = "product_id: demo\ntriggers:\n  # angry users\n  id: rage\n  builtin: rage_click\n"
    (project / CONFIG).write_text(config, "utf-8")
    _, told = validate(capsys)
    assert "Write instead:\n      - id: rage\n        builtin: rage_click\n" in told
    assert "angry" not in told


def test_warns_of_a_selector_that_yaml_takes_for_a_comment(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (project / PATH).read_text("utf-8")
    element = re.search(r"\n( *)element: .*", text)
    assert element is not None
    lost = text.replace(element[0], f"\n{element[1]}element: #save # the button", 1)
    (project / PATH).write_text(lost.replace("steps:", "steps: #1 to 5", 1), "utf-8")
    status, told = validate(capsys)
    assert status == 0
    assert f'for a comment, so there is no value. Write instead:\n    {element[1]}element: "#save"\n' in told
    assert "#1 to 5" not in told


@pytest.mark.parametrize("content", [b"", b"# action_endpoint:\n#   url: http://localhost:5055/webhook\n"])
def test_accepts_endpoints_without_settings(
    project: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (project / ENDPOINTS).write_bytes(content)
    status, told = validate(capsys)
    assert status == 0, told


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xef\xbb\xbf"])
def test_says_that_a_file_is_empty(project: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    (project / CONFIG).write_bytes(content)
    _, told = validate(capsys)
    assert "autoplay.yml:1: the file is empty" in told
    assert "Write instead:\n    product_id: demo" in told


def test_names_the_line_that_is_not_utf_8(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(project, PATH, "title: Bulk edit", "title: Größe")
    (project / PATH).write_bytes((project / PATH).read_text("utf-8").encode("latin-1", "replace"))
    _, told = validate(capsys)
    assert "projects-bulk-edit.yml:5: the file is not UTF-8: this line has the byte 0xf6" in told
    (project / CONFIG).write_bytes("product_id: demo\n".encode("utf-16"))
    assert "autoplay.yml:1: the file is UTF-16. Save it as UTF-8." in validate(capsys)[1]


@pytest.mark.parametrize("name", [CONFIG, PATH, CREDENTIALS])
def test_accepts_a_byte_order_mark_and_other_line_ends(
    project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    text = (project / name).read_text("utf-8")
    (project / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    status, told = validate(capsys)
    assert status == 0, told


def test_never_shows_the_values_of_a_setting_that_stands_there_twice(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "webhook_secret: s3cret-one\n  webhook_secret: s3cret-two\n  identity: none"
    change(project, CREDENTIALS, "identity: none", secret)
    _, told = validate(capsys)
    assert (
        "credentials.yml:7: not valid YAML: the setting 'webhook_secret' stands here for the second" in told
    )
    assert "s3cret" not in told


RULE = """\
product_id: demo
golden_paths: example_bot/golden_paths
triggers:
  - id: save
    body: May I help? Shall I show you how?
    when: {{count: {{title: save, at_least: 3}}}}
{}"""


def test_warns_of_a_toast_that_promises_a_tour_without_elements(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = (project / PATH).read_text("utf-8")
    (project / PATH).write_text(re.sub(r"\n    element: .*", "", path), "utf-8")
    config = RULE.format("    golden_path: projects-bulk-edit\n")
    (project / CONFIG).write_text(config, "utf-8")
    _, told = validate(capsys)
    warning = next(line for line in told.splitlines() if "promises to show" in line)
    assert warning.startswith("warning: autoplay.yml:5: triggers.0.body: ")
    assert "    body: May I help? Shall I explain it to you how?" in told


def test_warns_of_a_chat_that_has_nothing_to_explain(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / CONFIG).write_text(RULE.format(""), "utf-8")
    _, told = validate(capsys)
    warning = next(line for line in told.splitlines() if "nothing to explain" in line)
    assert warning.startswith("warning: autoplay.yml:4: triggers.0: ")
    assert "    golden_path: projects-bulk-edit" in told
    (project / CONFIG).write_text(RULE.format("llm: {model: some}\n"), "utf-8")
    assert "nothing to explain" not in validate(capsys)[1]


def _damage_and_mend(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str, seed: int
) -> bool:
    """Damage a file, and check what is said about it; return whether it was an error."""
    good = (project / name).read_text("utf-8")
    lines = good.split("\n")
    damaged = damage_line(lines, kind, random.Random(f"{name} {kind} {seed}"))  # noqa: S311 - reproducible
    if damaged is None:
        return False
    file = project / name
    try:
        file.write_text(damaged.text, "utf-8")
        status, told = validate(capsys)
        if status == 0:
            return False
        found = re.findall(FOUND.format(re.escape(file.name)), told, re.MULTILINE)
        assert any(abs(int(line) - damaged.line) <= 1 for line, _, _ in found), (damaged, told)
        proposed: Sequence[tuple[str, str, str]] = [
            each for each in found if each[1].endswith(("Write instead:", "Remove the line."))
        ]
        if proposed:
            line, message, block = proposed[0]
            file.write_text(corrected(damaged.text, int(line), message, block), "utf-8")
            assert validate(capsys)[0] == 0, (damaged, told)
        return True
    finally:
        file.write_text(good, "utf-8")


@pytest.mark.parametrize("kind", sorted(DAMAGES))
def test_names_any_damage_and_its_correction_makes_the_file_valid(
    project: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    name = (CONFIG, PATH, CREDENTIALS)[sorted(DAMAGES).index(kind) % 3]
    _damage_and_mend(project, capsys, name, kind, 0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(DAMAGES))
def test_names_much_damage(project: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    errors = [
        _damage_and_mend(project, capsys, name, kind, seed)
        for name in (CONFIG, PATH, CREDENTIALS)
        for seed in range(1, 13)
    ]
    assert any(errors)
