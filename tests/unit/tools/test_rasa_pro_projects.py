"""``init``, ``validate`` and ``doctor`` in projects for Rasa Pro, which need not be installed here."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from support.adopted import files_of
from support.pro_projects import CALM, MANTLE, write_project

from rasa_autoplay.common.checks import Problem
from rasa_autoplay.settings.assistant_kind import AssistantKind, assistant_kind, needs_engine_in_process
from rasa_autoplay.settings.channel import SECTION, read_channel_settings
from rasa_autoplay.settings.channels_file import channels_path, open_channels_file
from rasa_autoplay.settings.credentials_file import find_credentials_file
from rasa_autoplay.tools.cli.main import main
from rasa_autoplay.tools.doctor.check_list import CHECKS
from rasa_autoplay.tools.doctor.environment import rasa as check_rasa
from rasa_autoplay.tools.doctor.project import Project, read_project

PRO = {
    "rasa-pro": "3.21.0",
    "python-socketio": "5.16.4",
    "openai": "2.54.0",
    "packaging": "25.0",
    "pydantic": "2.13.5",
}
KINDS = {"calm": CALM, "mantle": MANTLE}


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AUTOPLAY_CONFIG", "OPENAI_API_KEY", "RASA_LICENSE", "RASA_PRO_LICENSE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=list(KINDS))
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return _enter(KINDS[request.param], tmp_path, monkeypatch)


@pytest.fixture
def calm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return _enter(CALM, tmp_path, monkeypatch)


def _enter(files: Mapping[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_project(files, folder / "shop")
    monkeypatch.chdir(folder / "shop")
    return folder / "shop"


def _read(folder: Path, packages: Mapping[str, str] = PRO, **environment: str) -> Project:
    return read_project(folder, python=(3, 12), packages=packages, environment=environment)


def _found(project: Project) -> dict[str, list[Problem]]:
    return {check.name: found for check in CHECKS if (found := list(check.run(project)))}


# --- what a project is -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("pipeline:\n- name: SearchReadyLLMCommandGenerator\n", AssistantKind.CALM),
        (
            "pipeline:\n- name: rasa.dialogue_understanding.generator.CompactLLMCommandGenerator\n",
            AssistantKind.CALM,
        ),
        (
            "pipeline:\n- name: DIETClassifier\npolicies:\n- name: RulePolicy\n- name: FlowPolicy\n",
            AssistantKind.CALM,
        ),
        ("pipeline: [{name: DIETClassifier}]\npolicies: [{name: RulePolicy}]\n", AssistantKind.RULES),
        ("pipeline:\npolicies: null\n", AssistantKind.RULES),
        ("pipeline: {a: [", AssistantKind.RULES),
        ("[]", AssistantKind.RULES),
    ],
)
def test_tells_flows_from_rules_by_the_configuration(
    tmp_path: Path, config: str, expected: AssistantKind
) -> None:
    (tmp_path / "config.yml").write_text(config)
    assert assistant_kind(tmp_path) is expected


def test_tells_skills_by_two_of_their_three_marks(tmp_path: Path) -> None:
    assert assistant_kind(tmp_path) is AssistantKind.RULES
    for count, marks in ((1, AssistantKind.RULES), (2, AssistantKind.MANTLE)):
        for number, paths in enumerate(itertools.combinations(MANTLE, count)):
            folder = write_project({path: MANTLE[path] for path in paths}, tmp_path / f"{count}-{number}")
            assert assistant_kind(folder) is marks, paths


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("action_endpoint: {actions_module: actions}", True),
        ("action_endpoint: {actions_module: actions, url: http://localhost:5055/webhook}", True),
        ("action_endpoint: {url: grpc://localhost:5055}", True),
        ("action_endpoint: {url: http://localhost:5055/webhook}", False),
        ("action_endpoint: {url: '${ACTIONS}'}", False),
        ("nlg: {type: rephrase}", True),
    ],
)
def test_knows_whether_an_action_server_can_run_the_engine(calm: Path, endpoint: str, expected: bool) -> None:
    (calm / "endpoints.yml").write_text(endpoint)
    assert needs_engine_in_process(calm) is expected


def test_rasa_3_6_gets_an_action_server(tmp_path: Path) -> None:
    write_project({"config.yml": "pipeline: [{name: DIETClassifier}]"}, tmp_path)
    assert needs_engine_in_process(tmp_path) is False


# --- init --------------------------------------------------------------------------------------------------


def test_init_changes_only_the_channels_and_adds_files_of_its_own(project: Path) -> None:
    before = files_of(project)
    assert main(["init", "--yes"]) == 0
    after = files_of(project)
    changed = {path for path, text in before.items() if after[path] != text}
    assert changed == {channels_path(project).name}
    added = {path for path in after.keys() - before.keys() if after[path] != b"(a folder)"}
    assert added == {"autoplay.yml", "golden_paths/repeated-saves.yml", ".rasa-autoplay-init.json"}


def test_init_puts_the_engine_into_the_rasa_server(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--yes"]) == 0
    settings = read_channel_settings(open_channels_file(channels_path(project)).data()[SECTION])
    assert settings.engine == "in_process"
    steps = capsys.readouterr().out.partition("Next:")[2]
    assert "  rasa run\n" in steps
    assert "rasa run actions" not in steps


def test_init_adds_the_engine_to_a_section_that_lacks_it(calm: Path) -> None:
    (calm / "credentials.yml").write_text(f"{SECTION}:\n  product_id: shop\n  identity: none\n")
    assert main(["init", "--yes"]) == 0
    assert open_channels_file(calm / "credentials.yml").value_at([SECTION, "engine"]) == "in_process"


def test_init_keeps_an_action_server(calm: Path) -> None:
    (calm / "endpoints.yml").write_text("action_endpoint: {url: http://localhost:5055/webhook}\n")
    assert main(["init", "--yes"]) == 0
    assert open_channels_file(calm / "credentials.yml").value_at([SECTION, "engine"]) is None
    assert "from rasa_autoplay.actions import *" in (calm / "actions" / "__init__.py").read_text()


def test_init_can_be_undone_and_repeated(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files_of(project)
    assert main(["init", "--yes"]) == 0
    after = files_of(project)
    assert main(["init", "--yes"]) == 0
    assert "Nothing to change" in capsys.readouterr().out
    assert files_of(project) == after
    assert main(["init", "--yes", "--undo"]) == 0
    assert files_of(project) == before


def test_init_refuses_an_intent_that_would_do_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files_of(project)
    assert main(["init", "--yes", "--with-intent"]) == 1
    assert "ignores intents" in "".join(capsys.readouterr())
    assert files_of(project) == before


def test_init_shows_no_key_of_the_file_that_it_changes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--yes"]) == 0
    assert "very-secret" not in "".join(capsys.readouterr())


# --- validate ----------------------------------------------------------------------------------------------


def test_validate_finds_no_error_after_init(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--yes"]) == 0
    capsys.readouterr()
    assert main(["validate"]) == 0, capsys.readouterr().out


def _spoil(project: Path, old: str, new: str) -> int:
    """Change the file of the channels; return the line of its section, from 1."""
    path = channels_path(project)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if f"{SECTION}:" in line)


def _line_of(project: Path, text: str) -> int:
    """The number of the line of the channels' file that has this text."""
    lines = channels_path(project).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_validate_names_the_line_of_an_engine_that_runs_nowhere(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--yes"]) == 0
    line = _spoil(project, "engine: in_process", "engine: action_server")
    capsys.readouterr()
    assert main(["validate"]) == 1
    printed = capsys.readouterr().out
    assert f"{channels_path(project).name}:{line}: {SECTION}: this project has no action server" in printed
    assert "Write: engine: in_process" in printed


def test_validate_accepts_an_engine_that_link_url_names(calm: Path) -> None:
    assert main(["init", "--yes"]) == 0
    _spoil(calm, "engine: in_process", "link: {url: http://127.0.0.1:5056}")
    assert main(["validate"]) == 0


def test_validate_refuses_to_speak_by_an_intent(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--yes"]) == 0
    _spoil(project, "capture: true", "chat: {say: intent}")
    line = _line_of(project, "chat: {say: intent}")
    capsys.readouterr()
    assert main(["validate"]) == 1
    printed = capsys.readouterr().out
    assert f"{channels_path(project).name}:{line}: {SECTION}.chat.say: an assistant with " in printed


def test_validate_names_the_line_of_an_unknown_key(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--yes"]) == 0
    _spoil(project, "capture: true", "captur: true")
    line = _line_of(project, "captur: true")
    capsys.readouterr()
    assert main(["validate"]) == 1
    assert f"{channels_path(project).name}:{line}: {SECTION}.captur: unknown key" in capsys.readouterr().out


def test_channel_finds_the_file_that_rasa_pro_reads(project: Path) -> None:
    assert main(["init", "--yes"]) == 0
    file = find_credentials_file(["run"])
    assert file is not None
    assert file.path.name == channels_path(project).name
    assert SECTION in file.keys_at([])


def test_a_disabled_channel_does_not_count(tmp_path: Path) -> None:
    integrations = (
        "channels:\n  rest: {enabled: false}\n  socketio: {enabled: true, namespace: /c}\n  slack:\n"
    )
    write_project({**MANTLE, "integrations.yml": integrations}, tmp_path)
    assert open_channels_file(tmp_path / "integrations.yml").data() == {
        "socketio": {"namespace": "/c"},
        "slack": None,
    }
    assert list(_read(tmp_path).credentials) == ["socketio", "slack"]


# --- doctor ------------------------------------------------------------------------------------------------


def test_doctor_finds_no_error_after_init(project: Path) -> None:
    assert main(["init", "--yes"]) == 0
    found = _found(_read(project, RASA_LICENSE="a licence"))
    errors = [problem for problems in found.values() for problem in problems if problem.severity == "error"]
    assert errors == []


def test_doctor_names_what_it_found(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rasa_autoplay.tools.cli.doctor._installed", lambda: PRO)
    main(["doctor"])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if " found " in line]
    assert "rasa-pro 3.21.0" in line
    assert assistant_kind(project).value in line


@pytest.mark.parametrize("where", ["environment", ".env", "export in .env"])
def test_doctor_finds_the_licence(project: Path, where: str) -> None:
    if where == "environment":
        assert "licence" not in _found(_read(project, RASA_LICENSE="a licence"))
        return
    (project / ".env").write_text(
        f"A=1\n{where.partition(' ')[0] if 'export' in where else ''} RASA_LICENSE=x\n"
    )
    assert "licence" not in _found(_read(project))


def test_doctor_reports_a_missing_licence_as_rasas_own_requirement(project: Path) -> None:
    (problem,) = _found(_read(project))["licence"]
    assert problem.severity == "warning"
    assert "Rasa Pro itself" in problem.found
    assert "the copilot needs none" in problem.remedy
    assert "licence" not in _found(replace(_read(project), packages={"rasa": "3.6.21"}))


def test_doctor_reports_two_distributions_in_one_environment(calm: Path) -> None:
    (problem,) = check_rasa(_read(calm, {**PRO, "rasa": "3.6.21"}))
    assert "overwrite each other" in problem.found


def test_doctor_reports_an_untried_version(calm: Path) -> None:
    (problem,) = check_rasa(_read(calm, {"rasa-pro": "3.9.1"}))
    assert "3.14 to 3.21" in problem.found


def test_doctor_never_advises_rasa_where_rasa_pro_belongs(project: Path) -> None:
    assert main(["init", "--yes"]) == 0
    combinations = itertools.product((None, "3.6.21"), (None, "3.14.29", "3.21.0"), ("5.9.0", "5.16.4"))
    for rasa, pro, socketio in combinations:
        versions = {**PRO, "rasa": rasa, "rasa-pro": pro, "python-socketio": socketio, "openai": "3.0.0"}
        packages = {name: version for name, version in versions.items() if version}
        found = _found(_read(project, packages))
        remedies = [problem.remedy for problems in found.values() for problem in problems]
        assert not [text for text in remedies if "[rasa]" in text or "install rasa " in text], packages
        if pro and not rasa:
            assert not [text for text in remedies if "pip install" in text], packages
