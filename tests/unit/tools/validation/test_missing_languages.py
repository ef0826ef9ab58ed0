"""What validate says about texts that lack a language."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.engine_file import check_engine_file
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.missing_languages import check_languages

PATH = """\
id: edit
title: Edit
page: /projects
steps:
  - {id: menu, title: Open the menu, element: "#menu", label: "⋯", text: Open the menu.}
  - {id: save, title: Save, element: "#save", label: Save, text: Press Save.}
"""


def warnings(folder: Path, triggers: str, **files: str) -> list[str]:
    paths = folder / "paths"
    paths.mkdir()
    for name, text in files.items():
        (paths / f"{name.replace('__', '.')}.yml").write_text(text, "utf-8")
    config = folder / "autoplay.yml"
    config.write_text(f"product_id: p\ngolden_paths: paths\n{triggers}", "utf-8")
    file, findings = YamlFile(config), Findings()
    check_languages(file, file.read(EngineSettings), findings)
    return findings.warnings


def test_a_project_in_one_language_lacks_nothing(tmp_path: Path) -> None:
    triggers = "triggers: [{builtin: rage_click}, {id: a, external: true, body: Hello}]"
    assert warnings(tmp_path, triggers, edit=PATH) == []


def test_one_line_names_the_texts_of_a_file_that_lack_a_language(tmp_path: Path) -> None:
    german = "title: Bearbeiten\nsteps: {menu: {title: Menü öffnen}}"
    (line,) = warnings(tmp_path, "", edit=PATH, edit__de=german)
    assert line == (
        "edit.yml: 4 of 6 texts lack the language 'de', so its users get another one: menu.text (line 5), "
        "save.title (line 6), save.label (line 6), save.text (line 6). To translate them, write them in "
        "edit.de.yml."
    )


def test_a_language_of_one_file_is_missing_in_the_others(tmp_path: Path) -> None:
    triggers = "triggers:\n- {id: a, external: true, body: {en: Hello, de: Hallo, pt-BR: Olá}}\n"
    lines = warnings(tmp_path, triggers, edit=PATH)
    assert [line.partition(" texts ")[0] for line in lines] == ["edit.yml: all 6", "edit.yml: all 6"]
    assert "'de'" in lines[0]
    assert "'pt-BR'" in lines[1]


def test_users_of_a_region_and_of_its_language_read_the_same_text(tmp_path: Path) -> None:
    triggers = (
        "triggers:\n- {id: a, external: true, body: {en: Hi, de-CH: Grüezi}}\n"
        "- {id: b, external: true, body: {en: Hi, de: Hallo}}\n"
    )
    assert warnings(tmp_path, triggers) == []


def test_english_texts_of_built_in_triggers_are_missing_in_other_languages(tmp_path: Path) -> None:
    triggers = "language: de\ntriggers:\n- {builtin: next_step, approaches: [missed], missed: Weiter?}\n"
    assert warnings(tmp_path, triggers + "- {builtin: rage_click, body: Hilfe?}\n") == []
    (tmp_path / "other").mkdir()
    (line,) = warnings(tmp_path / "other", triggers + "- {builtin: rage_click}\n")
    assert "rage_click: body (line 6)" in line


def test_buttons_variants_tours_and_playbooks_count(tmp_path: Path) -> None:
    triggers = """\
triggers:
  - id: a
    external: true
    body: {en: Hi, de: Hallo}
    reply_options: [Later]
    tours: [{tour: edit, label: Show}]
    variants: [{id: v, body: Hello}]
  - builtin: section_playbook_match
    section_playbook: {billing: Plans?}
    rules: [{prefix: /billing, section_id: billing}]
"""
    line = next(each for each in warnings(tmp_path, triggers, edit=PATH) if each.startswith("autoplay"))
    for name in ("a: reply_options.0", "a: tours.0.label", "a: variants.0.body"):
        assert name in line
    assert "4 of 5 texts" in line


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{en: 'At {step}?', de: 'Bei {stp}?'}", "triggers.0.body.de: no condition of the rule gives {stp}"),
        (
            "{en: 'At {step}?', de: 'Hier?'}",
            "triggers.0.body.de: the text in 'de' has no {step}; the",
        ),
        ("{en: 'Here?', de: 'Bei {step}?'}", "triggers.0.body.de: the text in 'de' has {step}; the text in"),
    ],
)
def test_names_in_braces_are_the_same_in_all_languages(tmp_path: Path, body: str, message: str) -> None:
    config = tmp_path / "autoplay.yml"
    (tmp_path / "paths").mkdir()
    (tmp_path / "paths" / "edit.yml").write_text(PATH.replace("}\n", ", done_when: {title: x}}\n"), "utf-8")
    rule = f"triggers:\n- id: a\n  when: {{path: {{stalled: edit}}}}\n  body: {body}\n"
    config.write_text(f"product_id: p\ngolden_paths: paths\ndatabase: {{url: 'sqlite://'}}\n{rule}", "utf-8")
    findings = Findings()
    check_engine_file(YamlFile(config), findings)
    assert [line for line in findings.lines if message in line] == findings.lines != []
