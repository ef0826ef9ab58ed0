"""``rasa-autoplay validate`` reports every fault of a project at once, by file and line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rasa_autoplay.tools.cli.main import main

ROOT = Path(__file__).parents[4]


TRIAL_IDENTITY = "identity: none"
SIGNED_IDENTITY = "identity: report_only\n  jwt_key: ${AUTOPLAY_JWT_KEY}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of this repository's own project, whose users have tokens, with English texts only."""
    for name in ("autoplay.yml", "credentials.yml", "domain.yml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copytree(ROOT / "example_bot" / "golden_paths", tmp_path / "example_bot" / "golden_paths")
    (tmp_path / GERMAN).unlink()
    engine_file = tmp_path / "autoplay.yml"
    lines = engine_file.read_text("utf-8").splitlines(keepends=True)
    engine_file.write_text("".join(line for line in lines if not line.startswith("      de: ")), "utf-8")
    credentials = tmp_path / "credentials.yml"
    text = credentials.read_text("utf-8").replace(TRIAL_IDENTITY, SIGNED_IDENTITY)
    credentials.write_text(text, "utf-8")
    monkeypatch.setenv("AUTOPLAY_JWT_KEY", "k" * 40)
    monkeypatch.chdir(tmp_path)
    for variable in ("AUTOPLAY_CONFIG", "OPENAI_API_KEY", "NOT_THERE", "NOR_THIS"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def said(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """Change files, validate, and return the printed lines."""

    def validate(*changes: tuple[str, str, str], status: int = 1) -> list[str]:
        for name, old, new in changes:
            file = project / name
            text = file.read_text("utf-8")
            assert old in text
            file.write_text(text.replace(old, new, 1), "utf-8")
        assert main(["validate"]) == status
        # tools/validation/test_corrected_lines.py is about the lines to write instead.
        told = re.sub(r" Write instead:\n(?:    .*\n)+", "\n", capsys.readouterr().out)
        return [line.removesuffix(" Remove the line.") for line in told.splitlines()]

    return validate


PATH = "example_bot/golden_paths/projects-bulk-edit.yml"
GERMAN = "example_bot/golden_paths/projects-bulk-edit.de.yml"


def test_example_is_valid_with_tokens(said: Callable[..., list[str]]) -> None:
    assert said(status=0) == ["No problems found."]


def test_example_is_complete_in_german(said: Callable[..., list[str]], project: Path) -> None:
    for name in ("autoplay.yml", GERMAN):
        shutil.copy(ROOT / name, project / name)
    assert said(status=0) == ["No problems found."]


def test_example_is_for_trials_only_without_tokens(said: Callable[..., list[str]]) -> None:
    assert said(("credentials.yml", SIGNED_IDENTITY, TRIAL_IDENTITY), status=0) == [
        "warning: credentials.yml:6: rasa_autoplay.channel.AutoplayInput.identity: with none, any browser "
        "may speak for any user. Use it only for trials (docs/security.md).",
        "1 warning.",
    ]


def test_reports_faults_of_all_files_at_once(said: Callable[..., list[str]], project: Path) -> None:
    lines = said(
        ("autoplay.yml", "cooldown: 20s", "cooldown: 20"),
        ("autoplay.yml", "courtesy:", "courtesi:"),
        ("autoplay.yml", "golden_path: projects-bulk-edit", "golden_path: projects-bulk-edits"),
        ("autoplay.yml", "count: {title", "cuont: {title"),
        ("credentials.yml", "identity: report_only", "identity: nobody"),
        ("domain.yml", "- action_send_proactive", "- action_send"),
        ("data/autoplay.yml", "- action: action_send_proactive", "- action: utter_greet"),
        (PATH, "title: Bulk edit projects", "titel: Bulk edit projects"),
    )
    text = "\n".join(lines)
    config = (project / "autoplay.yml").read_text("utf-8").splitlines()
    line_of = {
        key: n
        for n, line in enumerate(config, 1)
        for key in ("courtesi", "cuont", "golden_path:")
        if key in line
    }
    assert "session.cooldown: 20 has no unit" in text
    assert f"autoplay.yml:{line_of['courtesi']}: courtesi: unknown key; did you mean 'courtesy'?" in text
    assert f"autoplay.yml:{line_of['golden_path:']}: triggers.0.golden_path: there is no golden path" in text
    assert f"autoplay.yml:{line_of['cuont']}: triggers.0.when.all.1.cuont: unknown condition" in text
    assert "did you mean 'count'?" in text
    assert "rasa_autoplay.channel.AutoplayInput.identity: " in text
    assert "domain.yml: actions: action_send_proactive is missing." in text
    assert "data: no rule leads from EXTERNAL_proactive to action_send_proactive." in text
    assert "projects-bulk-edit.yml:5: titel: unknown key; did you mean 'title'?" in text
    assert lines[-1] == f"{len(lines) - 1} errors."


def test_broken_trigger_does_not_hide_other_faults(said: Callable[..., list[str]]) -> None:
    lines = said(
        (
            "autoplay.yml",
            "triggers:\n",
            'triggers:\n  - {builtin: user_page_dwell, predicate: "a:b"}\n  - {builtin: user_page_dwel}\n',
        )
    )
    assert len(lines) == 3
    assert "triggers.0: a trigger needs exactly one of" in lines[0]
    assert "triggers.1.builtin: there is no built-in trigger 'user_page_dwel'" in lines[1]


def test_rejects_files_of_different_products(said: Callable[..., list[str]]) -> None:
    (line, _) = said(("credentials.yml", "product_id: demo", "product_id: other"))
    assert line.startswith(
        "credentials.yml:3: rasa_autoplay.channel.AutoplayInput.product_id: 'other' is not"
    )
    assert "autoplay.yml:4" in line


def test_names_every_unset_variable(said: Callable[..., list[str]]) -> None:
    lines = said(
        ("credentials.yml", "capture: true", "stream:\n    url: ${NOT_THERE}\n    token: ${NOR_THIS}"),
    )
    assert ["NOT_THERE" in lines[0], "NOR_THIS" in lines[1]] == [True, True]
    assert lines[0].startswith("credentials.yml:5: ")
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        ("autoplay.yml", "example_bot/golden_paths", "golden_path", "golden_paths: there is no folder"),
        ("autoplay.yml", "sqlite:///autoplay.db", "nosuchdb://x", "database.url: this is not a usable"),
        (
            "autoplay.yml",
            "version:",
            "on_actions: nowhere:at_all\nversion:",
            "on_actions: the module 'nowhere'",
        ),
        ("autoplay.yml", 'version: "1"', "version: [", "not valid YAML"),
        ("credentials.yml", "rasa_autoplay.channel.", "rasa_autoplay.chanel.", "is missing, so no events"),
        ("domain.yml", "- EXTERNAL_proactive", "- EXTERNAL", "intents: EXTERNAL_proactive is missing"),
        ("domain.yml", "entities:", "entitees:", "entities: proactive_text is missing"),
        ("domain.yml", "\nslots:\n  proactive_text", "\nslots:\n  other", "slots: proactive_text is missing"),
        ("domain.yml", 'version: "3.1"', "intents: [", "domain.yml:"),
    ],
)
def test_prints_each_fault_on_one_line(
    said: Callable[..., list[str]], name: str, old: str, new: str, complaint: str
) -> None:
    lines = said((name, old, new))
    assert complaint in lines[0]
    assert lines[1:] == ["1 error."]


def test_reports_duplicate_golden_path_ids_with_the_line(
    said: Callable[..., list[str]], project: Path
) -> None:
    twin = project / "example_bot" / "golden_paths" / "twin.yml"
    shutil.copy(project / PATH, twin)
    lines = said()
    assert lines[0] == "twin.yml:4: id: 'projects-bulk-edit' is also the id of projects-bulk-edit.yml."


@pytest.mark.parametrize("name", ["autoplay.yml", "credentials.yml", "domain.yml", "data"])
def test_reports_a_missing_file(said: Callable[..., list[str]], project: Path, name: str) -> None:
    (project / name).rename(project / "elsewhere")
    lines = said()
    assert lines[0].startswith(name)
    assert lines[-1] == "1 error."


_WITHOUT_INTENT = (
    ("domain.yml", "- EXTERNAL_proactive", "- EXTERNAL"),
    ("domain.yml", "entities:", "entitees:"),
    ("domain.yml", "\nslots:\n  proactive_text", "\nslots:\n  other"),
    ("domain.yml", "- action_send_proactive", "- action_send"),
    ("data/autoplay.yml", "- action: action_send_proactive", "- action: utter_greet"),
)
_SAY = ("credentials.yml", "  product_id: demo", "  chat: {say: %s}\n  product_id: demo")


def test_a_bot_without_the_intent_speaks_by_event(said: Callable[..., list[str]]) -> None:
    assert said(*_WITHOUT_INTENT, status=0) == ["No problems found."]


def test_a_bot_that_must_speak_by_intent_needs_all_parts(said: Callable[..., list[str]]) -> None:
    path, old, new = _SAY
    lines = said(*_WITHOUT_INTENT, (path, old, new % "intent"))
    assert lines[-1] == "5 errors."
    assert all("init --with-intent" in line for line in lines[:-1])


def test_a_bot_that_speaks_by_event_may_keep_a_part_of_the_intent(said: Callable[..., list[str]]) -> None:
    path, old, new = _SAY
    assert said(_WITHOUT_INTENT[0], (path, old, new % "event"), status=0) == ["No problems found."]


def _split_domain(project: Path) -> None:
    """Write ``domain.yml`` as one file per section, in a folder whose part is a linked folder."""
    content = YAML(typ="safe").load((project / "domain.yml").read_text("utf-8"))
    (project / "domain.yml").unlink()
    (project / "elsewhere").mkdir()
    (project / "domain").mkdir()
    (project / "domain" / "shared").symlink_to(project / "elsewhere")
    for section, values in content.items():
        folder = project / ("domain/shared" if section in ("slots", "entities") else "domain")
        with (folder / f"{section}.yaml").open("w") as file:
            YAML(typ="safe").dump({section: values}, file)


def test_reads_a_split_domain_by_default(said: Callable[..., list[str]], project: Path) -> None:
    _split_domain(project)
    assert said(status=0) == ["No problems found."]


def test_names_what_a_split_domain_lacks(said: Callable[..., list[str]], project: Path) -> None:
    _split_domain(project)
    (project / "domain" / "actions.yaml").unlink()
    lines = said()
    assert lines[0].startswith("domain: actions: action_send_proactive is missing."), lines
    assert lines[1:] == ["1 error."]


def test_a_domain_file_wins_over_a_folder(said: Callable[..., list[str]], project: Path) -> None:
    (project / "domain").mkdir()
    assert said(status=0) == ["No problems found."]


def test_accepts_a_domain_folder(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "domain").mkdir()
    (project / "domain.yml").rename(project / "domain" / "all.yml")
    assert main(["validate", "--domain", "domain"]) == 0
    assert capsys.readouterr().out == "No problems found.\n"


def test_oddities_are_only_warnings(said: Callable[..., list[str]], project: Path) -> None:
    (project / PATH).write_text(
        "id: projects-bulk-edit\n"
        "title: Bulk edit\n"
        "steps:\n"
        "  - {id: one, title: One, element: '#one', text: Press one.}\n"
        "  - {id: two, text: Press two., done_when: {element_id: two}}\n"
    )
    lines = said(("autoplay.yml", "database:", "llm: {model: small}\ndatabase:"), status=0)
    assert [line.split(": ")[1] for line in lines[:-1]] == [
        "projects-bulk-edit.yml:1",
        "projects-bulk-edit.yml:4",
        f"autoplay.yml:{_line_of(project, 'llm: {model: small}')}",
    ]
    assert all(line.startswith("warning: ") for line in lines[:-1])
    assert "page is missing" in lines[0]
    assert "has an element but no done_when" in lines[1]
    assert "OPENAI_API_KEY" in lines[2]
    assert lines[-1] == "3 warnings."


def test_warns_of_answers_that_the_model_could_not_finish(
    said: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    assert said(("autoplay.yml", "database:", "llm: {model: small}\ndatabase:"), status=0)[-1] != "1 warning."
    lines = said(("autoplay.yml", "{model: small}", "{model: small, max_tokens: 250}"), status=0)
    (warning,) = [line for line in lines if "max_tokens" in line]
    assert "'projects-bulk-edit' may need more than max_tokens: 250" in warning
    assert "Write: max_tokens: 300" in warning


def test_reports_a_path_without_a_tour_that_a_trigger_offers(
    said: Callable[..., list[str]], project: Path
) -> None:
    (project / PATH).write_text(
        "id: projects-bulk-edit\ntitle: Bulk edit\nsteps:\n  - {id: one, text: Press one.}\n"
    )
    lines = said(status=0)
    assert "the toast has no Show me button" in lines[0]
    assert "the workflow is never recognized" in lines[1]


@pytest.mark.parametrize("tours", ["[]", "false"])
def test_expects_a_tour_only_of_variants_that_offer_one(
    said: Callable[..., list[str]], project: Path, tours: str
) -> None:
    (project / PATH).write_text(
        "id: projects-bulk-edit\ntitle: Bulk edit\nsteps:\n  - {id: one, text: Press one.}\n"
    )
    variants = f"    variants: [{{id: a, body: May I?, tours: {tours}}}]\n"
    lines = said(("autoplay.yml", "    golden_path:", f"{variants}    golden_path:"), status=0)
    assert any("the toast has no Show me button" in line for line in lines) == (tours == "[]")


def test_reports_an_element_that_browsers_refuse_with_its_line(
    said: Callable[..., list[str]], project: Path
) -> None:
    path = project / PATH
    text = path.read_text("utf-8").replace('"#bulk-apply"', '"##more["')
    path.write_text(text, "utf-8")
    line = text.splitlines().index('    element: "##more["') + 1
    (error,) = [each for each in said(status=1) if "##more[" in each]
    assert f"projects-bulk-edit.yml:{line}: steps.4.element" in error
    assert "is not a CSS selector" in error


#: A step with three ways.
WAYS = """id: projects-bulk-edit
title: Bulk edit
page: /projects
steps:
  - id: one
    title: One
    text: Press one.
    element: "#one"
    done_when: {element_id: one}
    several: true
    any:
      - {element: "#two", label: Two, done_when: {element_id: two}}
      - done_when: {page: /one, type: pageview}
"""


def test_accepts_steps_with_several_ways(said: Callable[..., list[str]], project: Path) -> None:
    (project / PATH).write_text(WAYS)
    assert said(status=0) == ["No problems found."]
    # A way without done_when is well if that of another way matches its element.
    shared = (PATH, ", done_when: {element_id: two}", "")
    assert said(shared, (PATH, "element_id: one", "element_id: [one, two]"), status=0) == [
        "No problems found."
    ]


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ('"#two"', '"##two["', "12: steps.0.any.0.element", "'##two[' is not a CSS selector"),
        (
            "done_when: {page: /one, type: pageview}",
            "label: Two",
            "13: steps.0.any.1",
            "a way needs an element",
        ),
        ("type: page", "typ: page", "13: steps.0.any.1.done_when.typ", "did you mean 'type'?"),
    ],
)
def test_reports_a_mistake_in_a_way_with_its_line(
    said: Callable[..., list[str]], project: Path, old: str, new: str, place: str, message: str
) -> None:
    (project / PATH).write_text(WAYS)
    errors = said((PATH, old, new))
    assert any(each.startswith(f"projects-bulk-edit.yml:{place}: ") and message in each for each in errors)


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        (", done_when: {element_id: two}", "", "12: steps.0.any.0", "add a done_when to the way"),
        (
            WAYS[WAYS.index("    done_when") :],
            "    done_when: {type: pageview}\n    several: true\n",
            "10: steps.0.several",
            "until the user presses Next",
        ),
    ],
)
def test_warns_of_ways_that_will_not_work_as_expected(
    said: Callable[..., list[str]], project: Path, old: str, new: str, place: str, message: str
) -> None:
    (project / PATH).write_text(WAYS)
    warning, _ = said((PATH, old, new), status=0)
    assert warning.startswith(f"warning: projects-bulk-edit.yml:{place}: ")
    assert message in warning


def test_warns_of_each_way_that_a_source_without_ids_cannot_show(
    said: Callable[..., list[str]], project: Path
) -> None:
    (project / PATH).write_text(WAYS)
    lines = said(STREAM, status=0)
    (warning,) = [line for line in lines if "cannot report element ids" in line]
    assert "projects-bulk-edit.yml:9: steps.0.done_when" in warning
    assert "this way to do the step 'one' is only recognized by an action called 'One'" in warning


def _line_of(project: Path, text: str) -> int:
    return (project / "autoplay.yml").read_text("utf-8").splitlines().index(text) + 1


def test_accepts_a_configuration_in_another_folder(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "autoplay.yml").rename(project / "next.yml")
    assert main(["validate", "--config", "next.yml"]) == 0
    assert capsys.readouterr().out == "No problems found.\n"


STREAM = (
    "credentials.yml",
    "capture: true",
    "stream: {url: https://c.example.com/stream, token: t0ken-of-the-stream}\n  webhook_secret: s3cret",
)
DEAD_CLICKS = """triggers:
  - {builtin: dead_click}
  - {builtin: repeated_failure, kind: [dead_click]}
  - id: by-its-id
    body: May I help?
    when: {any: [{count: {element_id: bulk-apply, at_least: 1}}, {failure: {kind: dead_click}}]}
  - {builtin: rage_click}
"""


def test_warns_of_facts_about_users_that_a_source_brings_only_if_asked_to(
    said: Callable[..., list[str]],
) -> None:
    rule = """triggers:
  - id: admins
    body: May I help?
    when: {all: [{segment: {properties: {role: admin}}}, {count: {title: Save, at_least: 2}}]}
"""
    gates = """courtesy:
  quiet_hours: {from: "20:00", to: "08:00", fallback_tz: Europe/Berlin}
  explore_first: {roles: [admin]}
"""
    lines = said(
        STREAM,
        ("autoplay.yml", "triggers:\n", rule),
        ("autoplay.yml", "courtesy: {min_interval: 0s, after_accepted: 0s, snooze: 1m}\n", gates),
        status=0,
    )
    told = [line for line in lines if "only if you add it to what you send (docs/sources.md)" in line]
    assert [line.split(": ")[2] for line in told] == [
        "triggers.0.when.all.0.segment.properties",
        "courtesy.explore_first.roles",
        "courtesy.quiet_hours",
    ]
    assert "a property of the user arrives from stream and webhook" in told[0]
    assert told[2].endswith("Without it, Europe/Berlin counts")


def test_warns_of_steps_that_a_source_without_ids_cannot_show(
    said: Callable[..., list[str]], project: Path
) -> None:
    path = (project / PATH).read_text("utf-8")
    step = path[path.index("  - id: priority") : path.index("    text: In the toolbar")]
    lines = said(
        STREAM,
        ("autoplay.yml", "triggers:\n", DEAD_CLICKS),
        (PATH, "    label: Bulk edit\n", ""),
        (PATH, step, "  - id: priority\n"),
        status=0,
    )
    sources = "stream and webhook"
    told = [line.removeprefix("warning: ") for line in lines if sources in line]
    dead = f"a dead click never arrives from {sources}; only the PostHog sources report it."
    named = {
        "triggers.0.builtin": dead,
        "triggers.1.kind": dead,
        "triggers.2.when.any.0.count.element_id": dead.replace("a dead click", "an element id"),
        "triggers.2.when.any.1.failure.kind": dead,
        **{
            f"steps.{number}.done_when": f"{sources} cannot report element ids, so the step {step!r} is "
            f"{seen}: add a visible label to the element, or a title to done_when."
            for number, step, seen in (
                (0, "options", "only recognized by an action called 'Open table options'"),
                (1, "bulk-edit", "only recognized by an action called 'Pick Bulk edit'"),
                (3, "priority", "never recognized"),
            )
        },
    }
    assert [line.partition(": ")[2] for line in told] == [f"{key}: {what}" for key, what in named.items()]
    files = {"autoplay.yml": "dead_click", "projects-bulk-edit.yml": "done_when"}
    for line in told:
        name, number = line.split(": ")[0].split(":")
        at = (project / PATH).with_name(name) if name in PATH else project / name
        shown = at.read_text("utf-8").splitlines()[int(number) - 1]
        assert files[name] in shown or "element_id" in shown, line


def test_does_not_warn_of_sources_with_ids(said: Callable[..., list[str]]) -> None:
    lines = said(("autoplay.yml", "triggers:\n", DEAD_CLICKS), status=0)
    assert not [line for line in lines if "never arrives" in line]


def test_reports_an_old_key_with_its_line_and_replacement(
    said: Callable[..., list[str]], project: Path
) -> None:
    lines = said(
        ("autoplay.yml", "database:", "memory:"),
        ("credentials.yml", "identity: report", "link_secret: x\n  identity: report"),
    )
    config = (project / "autoplay.yml").read_text("utf-8").splitlines()
    old = next(number for number, line in enumerate(config, 1) if "sqlite:" in line)
    text = "\n".join(lines)
    assert (
        f"autoplay.yml:{old}: memory.url: this key has a new name. Write:\n    database:\n      url: " in text
    )
    assert "credentials.yml:6: rasa_autoplay.channel.AutoplayInput.link_secret: this key has" in text
    assert "\n    link:\n      secret: ${AUTOPLAY_LINK_SECRET}\n" in text
    assert lines[-1] == "2 errors."


def test_warns_about_toasts_that_are_too_long_to_read(said: Callable[..., list[str]], project: Path) -> None:
    words = "Changing projects one at a time? "
    file = project / "autoplay.yml"
    file.write_text(
        file.read_text("utf-8").replace(
            "triggers:\n",
            f"""triggers:
  - {{builtin: workflow_stall, id: fits, body: "{"x" * 150} {{next_step}}"}}
  - {{builtin: workflow_stall, id: long, body: "{words * 5} {{next_step}}"}}
  - {{builtin: next_step, id: missing, missed: "{words * 6}"}}
  - builtin: user_page_dwell
    variants: [{{id: a, body: Short}}, {{id: b, body: "{words * 6}"}}]
  - builtin: section_playbook_match
    rules: [{{prefix: /a, section_id: a}}]
    section_playbook: {{a: "{words * 7}", b: Short}}
""",
            1,
        ),
        "utf-8",
    )
    lines = said(status=0)
    advice = "characters. Users read a toast at a glance: write at most 150."
    number = next(n for n, line in enumerate(file.read_text("utf-8").splitlines(), 1) if "id: fits" in line)
    assert [line for line in lines if "a glance" in line] == [
        f"warning: autoplay.yml:{number + 1}: triggers.1.body: the text has 164 {advice}",
        f"warning: autoplay.yml:{number + 2}: triggers.2.missed: the text has 197 {advice}",
        f"warning: autoplay.yml:{number + 4}: triggers.3.variants.1.body: the text has 197 {advice}",
        f"warning: autoplay.yml:{number + 7}: triggers.4.section_playbook.a: the text has 230 {advice}",
    ]


def test_names_the_place_of_a_wrong_rollout_holdout_and_variant(said: Callable[..., list[str]]) -> None:
    lines = said(
        ("autoplay.yml", "triggers:\n", "holdout: {share: 500%}\ntriggers:\n"),
        ("autoplay.yml", "    golden_path:", "    rollout: most\n    variants: [{id: a}]\n    golden_path:"),
    )
    text = "\n".join(lines)
    assert "holdout.share: '500%' is more than all users" in text
    assert "triggers.0.rollout: 'most' is not a rollout" in text
    assert "triggers.0.variants.0.body: this key is required." in text
    assert all(
        line.startswith(("autoplay.yml:", "warning: autoplay.yml:", "    ", "3 ")) for line in lines
    ), lines


def test_warns_if_the_engine_is_to_promote_and_there_are_no_proposals(
    said: Callable[..., list[str]], project: Path
) -> None:
    file = project / "autoplay.yml"
    before = said(status=0)
    file.write_text(f"{file.read_text()}discover: {{promote: auto}}\n")
    (new,) = set(said(status=0)[:-1]) - set(before)
    assert new.startswith("warning: autoplay.yml:")
    assert "there is no folder 'proposals'" in new
    (project / "proposals").mkdir()
    assert said(status=0) == before
