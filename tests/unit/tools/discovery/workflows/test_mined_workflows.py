"""Workflows are found among noise, in any language, with a path and a trigger that the engine accepts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.made_sessions import Session, made
from support.menu_app import Play, amid_noise, clicks_around, looks_around

from rasa_autoplay.engine.knowledge.draft_file import file_of_recording
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.path_results import path_results_of
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.tools.discovery.findings.checked_triggers import with_valid_triggers
from rasa_autoplay.tools.discovery.findings.finding import Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.known_paths import with_known_paths
from rasa_autoplay.tools.discovery.journeys import find_journeys
from rasa_autoplay.tools.discovery.reading.recording_files import read_columns

REPORT = ("template", "range", "owner", "create-report")


def found(file: Path, play: Play, number: int = 400, **options: int) -> list[Finding]:
    return find_journeys(read_columns([made(file, number, play, **options)], "demo"))


def creates_a_report(session: Session, noise: float = 0.2, left_out: str = "") -> None:
    session.clicks("Menu /reports", "menu-reports", "/reports")
    session.clicks("New report", "new-report", "/reports/new")
    for step in REPORT[:-1]:
        while session.chance.random() < noise:
            clicks_around(session)
        if step != left_out:
            session.fills(step.title(), step)
    session.clicks("Create", "create-report", "/reports/1234")


works = amid_noise(creates_a_report, 0.3)


def ids(finding: Finding) -> list[str]:
    return [act.element_id for act in finding.slow_way]


def workflow_in(findings: list[Finding]) -> Finding:
    (finding,) = (each for each in findings if each.kind is FindingKind.WORKFLOW)
    return finding


def path_of(finding: Finding, folder: Path) -> GoldenPath:
    assert finding.path is not None
    folder.mkdir(exist_ok=True)
    (folder / "path.yml").write_text(file_of_recording(finding.path, finding.id, "recordings"), "utf-8")
    (path,) = load_golden_paths(folder)
    return path


def test_finds_a_workflow_among_noise(tmp_path: Path) -> None:
    finding = workflow_in(found(tmp_path / "r.jsonl", works))
    assert ids(finding) == ["new-report", *REPORT]
    assert finding.goal is not None
    assert finding.goal.element_id == "create-report"
    assert 0 < finding.users <= finding.sessions <= finding.times
    assert 1 <= len(finding.examples) <= 10
    assert all(each.began_at < each.ended_at for each in finding.examples)


def test_finds_nothing_in_noise(tmp_path: Path) -> None:
    assert found(tmp_path / "r.jsonl", lambda session: looks_around(session, 20)) == []


def test_the_path_has_labels_and_is_completed_by_who_does_the_workflow(tmp_path: Path) -> None:
    path = path_of(workflow_in(found(tmp_path / "r.jsonl", works)), tmp_path / "paths")
    assert [step.element for step in path.steps] == [f"#{name}" for name in ("new-report", *REPORT)]
    assert [step.label for step in path.steps] == ["New report", "Template", "Range", "Owner", "Create"]
    batches = map(json.loads, (tmp_path / "r.jsonl").read_text("utf-8").splitlines())
    actions = next(each["actions"] for each in batches if "create-report" in json.dumps(each))
    tracker, evidence = PathTracker([path]), EvidenceByPath()
    for action in actions:
        tracker.record(SlimAction.from_dict({**action, "canonical_url": action["raw_url"]}), evidence)
    (result,) = path_results_of(tracker, evidence)
    assert result.completed
    assert not result.ids("skipped")


def test_the_engine_accepts_the_trigger(tmp_path: Path) -> None:
    finding = workflow_in(found(tmp_path / "r.jsonl", works))
    valid, refused = with_valid_triggers([finding], EngineSettings(product_id="demo"))
    assert refused == []
    assert valid[0].trigger["golden_path"] == finding.id


def test_a_step_that_some_leave_out_is_optional(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.4:
            creates_a_report(session, left_out="range" if session.chance.random() < 0.35 else "")

    path = path_of(workflow_in(found(tmp_path / "r.jsonl", play)), tmp_path / "paths")
    assert [step.id for step in path.steps if step.optional] == ["range"]


def test_a_workflow_that_a_golden_path_describes_is_not_proposed(tmp_path: Path) -> None:
    findings = found(tmp_path / "r.jsonl", works)
    path = path_of(workflow_in(findings), tmp_path / "paths")
    assert with_known_paths(findings, [path]) == []
    step = {"id": "a", "text": "A.", "done_when": {"element_id": "a"}}
    other = GoldenPath.parse_obj({"id": "other", "title": "Other", "steps": [step]})
    assert with_known_paths(findings, [other]) == findings


def test_needs_no_words_no_ids_and_no_page_views(tmp_path: Path) -> None:
    def task(session: Session) -> None:
        session.goes("/rechnungen")
        session.clicks("Neue Rechnung")
        session.fills("Kundin")
        session.fills("Betrag")
        session.clicks("Abschicken")
        session.goes("/home")

    finding = workflow_in(found(tmp_path / "r.jsonl", amid_noise(task, 0.4)))
    assert [act.label for act in finding.slow_way] == ["Neue Rechnung", "Kundin", "Betrag", "Abschicken"]
    assert with_valid_triggers([finding], EngineSettings(product_id="demo"))[1] == []


def test_names_and_numbers_in_titles_are_one_step(tmp_path: Path) -> None:
    names = ("Ana", "Ben", "Cleo", "Dev", "Eve", "Fay", "Gus", "Hal", "Ida", "Jo")

    def task(session: Session) -> None:
        session.clicks("Menu /invoices", "menu-invoices", "/invoices")
        name = session.chance.choice(names)
        session.clicks(f"Open {name}{session.chance.randrange(26) * 'x'}'s invoice", "", "/invoices/4711")
        session.clicks(f"Approve invoice {session.chance.randrange(9999)}")
        session.fills("Reason", "reason")
        session.clicks("Pay", "pay", "/invoices")

    finding = workflow_in(found(tmp_path / "r.jsonl", amid_noise(task, 0.3)))
    assert [act.label for act in finding.slow_way][-3:] == ["Approve invoice *", "Reason", "Pay"]
    assert with_valid_triggers([finding], EngineSettings(product_id="demo"))[1] == []
    path = path_of(finding, tmp_path / "paths")
    assert "4711" not in json.dumps([step.dict() for step in path.steps], default=str)


def test_a_form_that_opens_a_record_is_no_name_of_one(tmp_path: Path) -> None:
    """Links with names and the button of a form open the same page; none has an id."""
    names = ("Ana", "Ben", "Cleo", "Dev", "Eve", "Fay", "Gus", "Hal")

    def play(session: Session) -> None:
        looks_around(session)
        session.clicks("Menu /team", "menu-team", "/team")
        for _ in range(session.chance.randrange(3)):
            session.clicks(session.chance.choice(names), "", "/team/4711")
            session.opens("/team", by_click=True)
        if session.chance.random() < 0.3:
            session.clicks("Invite")
            session.fills("Mail")
            session.fills("Role")
            session.submits("Send", "", "/team/4711")
        looks_around(session)

    finding = workflow_in(found(tmp_path / "r.jsonl", play))
    assert [act.label for act in finding.slow_way] == ["Invite", "Mail", "Role", "Send"]


def test_signing_in_is_no_workflow(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        session.opens("/login")
        session.fills("E-mail", "e-mail")
        session.fills("Password", "password")
        session.clicks("Sign in", "sign-in", "/home")
        works(session)

    assert "sign-in" not in ids(workflow_in(found(tmp_path / "r.jsonl", play)))


def test_a_wizard_with_pages_of_its_own_is_one_workflow(tmp_path: Path) -> None:
    def task(session: Session) -> None:
        session.clicks("Menu /files", "menu-files", "/files")
        session.clicks("Connect", "connect", "/wizard/one")
        session.fills("Bank", "bank")
        session.clicks("Continue", "continue", "/wizard/two")
        session.fills("Account", "account")
        session.clicks("Connect now", "connect-now", "/files")

    finding = workflow_in(found(tmp_path / "r.jsonl", amid_noise(task, 0.4)))
    assert ids(finding) == ["connect", "bank", "continue", "account", "connect-now"]


def test_one_user_who_does_everything_a_thousand_times_counts_once(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.user == "user-0":
            for _ in range(100):
                creates_a_report(session)

    assert found(tmp_path / "r.jsonl", play) == []


@pytest.mark.slow
def test_robots_do_not_count(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        if session.chance.random() < 0.3:
            for _ in range(60):
                for step in ("new-report", *REPORT):
                    session.clicks(step, step, wait_s=0.05)
                session.opens("/reports/7", by_click=True)
        else:
            looks_around(session)

    assert found(tmp_path / "r.jsonl", play) == []


def test_users_who_share_a_session_are_kept_apart(tmp_path: Path) -> None:
    """Each does a half of the steps, in one session; nobody does the workflow."""
    file = made(tmp_path / "r.jsonl", 400, works)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    split = []
    for batch in lines:
        for half in (0, 1):
            actions = [action for action in batch["actions"] if action["index"] % 2 == half]
            split.append({**batch, "user_id": f"{batch['user_id']}-{half}", "actions": actions})
    file.write_text("\n".join(map(json.dumps, split)) + "\n", "utf-8")
    for finding in find_journeys(read_columns([file], "demo")):
        own = [set(ids(finding)) <= set(each) for each in (("new-report", "range", "create-report"), REPORT)]
        assert any(own) or len(ids(finding)) < 4


def test_two_tabs_at_once_are_two_workflows(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session, 4)
        mine = [("/reports/new", step) for step in ("new-report", *REPORT)]
        other = [("/team/new", step) for step in ("invite", "name", "role", "mail", "send-invite")]
        both = session.chance.random() < 0.3
        first, second = list(mine), list(other) if both else []
        while first or second:
            tab = first if first and (not second or session.chance.random() < 0.5) else second
            page, step = tab.pop(0)
            session.goes(page)
            session.clicks(step, step)
        session.opens("/home", by_click=True)
        looks_around(session, 4)

    ways = [set(ids(each)) for each in found(tmp_path / "r.jsonl", play)]
    assert {"new-report", *REPORT} in ways
    assert all(not ({"invite", "send-invite"} & way and {"new-report", "owner"} & way) for way in ways)


@pytest.mark.slow
def test_interrupted_and_very_long_sessions_change_nothing(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        works(session)
        if session.name == "s7":
            for _ in range(1_500):
                looks_around(session)
        if session.chance.random() < 0.2:
            session.opens("/reports")
            session.clicks("New report", "new-report", "/reports/new")
            session.fills("Template", "template")
            session.waits(5_000)
            session.fills("Range", "range")

    findings = found(tmp_path / "r.jsonl", play)
    finding = next(each for each in findings if each.goal and each.goal.element_id == "create-report")
    assert {"new-report", *REPORT} == {act.element_id for act in finding.fast_way or finding.slow_way}


def test_an_act_that_always_fails_is_no_success(tmp_path: Path) -> None:
    def play(session: Session) -> None:
        looks_around(session)
        if session.chance.random() < 0.4:
            for step in ("new-report", *REPORT):
                session.clicks(step, step)
            session.fails()

    goals = [each.goal.element_id for each in found(tmp_path / "r.jsonl", play) if each.goal]
    assert "create-report" not in goals


def test_the_order_of_files_changes_nothing(tmp_path: Path) -> None:
    file = made(tmp_path / "r.jsonl", 300, works)
    lines = file.read_text("utf-8").splitlines()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "a.jsonl").write_text("\n".join(reversed(lines)) + "\n", "utf-8")
    assert find_journeys(read_columns([file], "demo")) == find_journeys(
        read_columns([tmp_path / "b"], "demo")
    )


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.integers(min_value=3, max_value=8),
    # With more, users press each button in most tasks and rarely elsewhere: then it looks like a step.
    noise=st.floats(min_value=0, max_value=0.3),
    share=st.floats(min_value=0.1, max_value=0.9),
    seed=st.integers(min_value=0, max_value=9999),
)
def test_a_planted_sequence_is_always_found(
    tmp_path: Path, steps: int, noise: float, share: float, seed: int
) -> None:
    names = [f"plan-{chr(97 + place)}" for place in range(steps)]

    def task(session: Session) -> None:
        session.clicks("Menu /files", "menu-files", "/files")
        for name in names:
            while session.chance.random() < noise:
                clicks_around(session)
            session.clicks(name, name)
        session.opens("/files/done", by_click=True)

    (finding,) = found(tmp_path / "r.jsonl", amid_noise(task, share), 500, seed=seed)
    assert ids(finding) == names


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(most=st.integers(min_value=3, max_value=40), seed=st.integers(min_value=0, max_value=9999))
def test_noise_gives_nothing(tmp_path: Path, most: int, seed: int) -> None:
    assert found(tmp_path / "r.jsonl", lambda session: looks_around(session, most), 500, seed=seed) == []
