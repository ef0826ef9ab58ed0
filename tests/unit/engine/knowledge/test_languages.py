"""Golden paths in several languages: inline, and in files beside them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.freshness.plain_steps import without_doubtful_labels
from rasa_autoplay.engine.freshness.step_digest import digest_of
from rasa_autoplay.engine.freshness.step_names import StepNames
from rasa_autoplay.engine.freshness.suspect import Seen, Suspect
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.search import KnowledgeBase
from rasa_autoplay.engine.knowledge.way_matcher import matchers_of
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.yaml_file import YamlFile

PATH = """\
id: edit
title: Edit projects
page: /projects
steps:
  - id: open
    title: Open the menu
    element: "#menu"
    label: Menu
    text: Open the menu.
    done_when: {element_id: menu}
  - id: save
    title: {en: Save, de: Speichern}
    element: "#save"
    label: {en: Save changes, de: Änderungen speichern}
    text: Press Save changes.
    done_when: {element_id: save}
    any:
      - {element: "#keep", label: Keep, done_when: {element_id: keep}}
"""
GERMAN = """\
title: Projekte bearbeiten
steps:
  open: {title: Menü öffnen, label: Menü, text: Öffnen Sie das Menü.}
  save:
    text: Drücken Sie „Änderungen speichern“.
    any: [{label: Behalten}]
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name.replace('__', '.')}.yml").write_text(text, "utf-8")
    return folder


@pytest.fixture
def path(tmp_path: Path) -> GoldenPath:
    (loaded,) = load_golden_paths(write(tmp_path, edit=PATH, edit__de=GERMAN))
    return loaded


def test_a_file_beside_a_path_is_no_path_of_its_own(path: GoldenPath) -> None:
    assert path.id == "edit"
    assert path.languages == ("en", "de")


def test_a_loaded_path_speaks_the_language_of_the_bot(tmp_path: Path) -> None:
    write(tmp_path, edit=PATH, edit__fr="title: Modifier")
    (german,) = load_golden_paths(tmp_path, "de")
    assert [german.title, german.steps[1].title] == ["Edit projects", "Speichern"]
    (spanish,) = load_golden_paths(tmp_path, "es")
    assert [spanish.title, spanish.steps[1].title] == ["Edit projects", "Save"]


def test_each_user_reads_each_text_in_their_language(path: GoldenPath) -> None:
    german = path.in_language(("de-CH", "fr"))
    assert german.title == "Projekte bearbeiten"
    assert german.steps[1].ways[1].label == "Behalten"
    assert german.how_to() == (
        "Projekte bearbeiten:\n1. Öffnen Sie das Menü.\n2. Drücken Sie „Änderungen speichern“."
    )
    assert german.in_language(("en",)).title == path.in_language(()).title == "Edit projects"


def test_a_chosen_language_is_made_of_plain_strings(path: GoldenPath) -> None:
    for chosen in (path, path.in_language(("de",))):
        assert msgspec.json.decode(msgspec.json.encode([*chosen.tour_steps(), chosen.title, chosen.how_to()]))


def test_users_with_the_same_choice_share_one_path(path: GoldenPath) -> None:
    assert path.in_language(("de-CH",)) is path.in_language(("fr", "de-AT", "en-GB")).in_language(("de",))


@pytest.mark.parametrize(
    "title", ["Click Save changes", "Click Änderungen speichern", "änderungen SPEICHERN button"]
)
def test_an_action_proves_the_step_in_any_language_of_the_label(path: GoldenPath, title: str) -> None:
    action = SlimAction(title=title, canonical_url="/projects", type="click", description="")
    for chosen in (path, path.in_language(("de",))):
        matchers = matchers_of(chosen, chosen.steps[1])
        assert [matches(action) for matches in matchers] == [True, False]


def test_a_label_in_another_language_is_no_rename(path: GoldenPath) -> None:
    for chosen in (path, path.in_language(("de",))):
        names = StepNames(chosen.steps[0])
        assert names.names("Click Menu")
        assert names.names("Click Menü")
        assert not names.names("Click Menue bar")


def test_ids_and_digests_do_not_depend_on_the_language(tmp_path: Path) -> None:
    write(tmp_path, edit=PATH, edit__de=GERMAN)
    (english,), (german,) = load_golden_paths(tmp_path, "en"), load_golden_paths(tmp_path / ".", "en")
    assert [digest_of(step) for step in english.steps] == [
        digest_of(step) for step in german.in_language(("de",)).steps
    ]
    swapped = PATH.replace(
        "{en: Save changes, de: Änderungen speichern}", "{de: Änderungen speichern, en: Save changes}"
    )
    (other,) = load_golden_paths(write(tmp_path, edit=swapped))
    assert digest_of(other.steps[1]) == digest_of(english.steps[1])


def test_a_suspect_label_is_left_out_in_every_language(path: GoldenPath) -> None:
    suspect = Suspect("edit", "save", digest_of(path.steps[1]), "missing", 0.0, Seen(3, 3))
    plain = without_doubtful_labels(path.in_language(("de",)), [suspect])
    assert plain.title == "Projekte bearbeiten"
    assert "Änderungen speichern" not in plain.steps[1].text
    assert "Save changes" not in plain.in_language(("en",)).steps[1].text


def test_a_question_in_any_language_finds_the_path(path: GoldenPath) -> None:
    base = KnowledgeBase([path])
    for question in ("How do I save the changes?", "Wie kann ich Änderungen speichern?", "Menü öffnen"):
        assert [match.path.id for match in base.query_knowledge_base(query=question)] == ["edit"]


def message(folder: Path, language: str = "en") -> str:
    with pytest.raises(ConfigError) as caught:
        load_golden_paths(folder, language)
    return caught.value.message


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("edits__de", GERMAN, "edits.de.yml: a translation belongs beside its golden path, but"),
        ("edits__de", GERMAN, "did you mean 'edit'"),
        (
            "edit__de",
            "steps: {opne: {text: x}}",
            "1: steps.opne: edit.yml has no step 'opne'; did you mean 'open'",
        ),
        (
            "edit__de",
            "steps: {save: {title: x}}",
            "steps.save.title: edit.yml has this text in 'de' already; keep",
        ),
        ("edit__de", "steps: {open: {tooltip: x}}", "edit.yml has no tooltip here; write it there first"),
        ("edit__de", "steps: {open: {any: [{label: x}]}}", "the step in edit.yml has none in any"),
        ("edit__de", "steps: {open: {element: x}}", "steps.open.element: unknown key"),
        ("edit__de", PATH, "edit.de.yml:1: id: this file translates edit.yml, so it has only texts"),
        ("edit__de", "titel: x", "edit.de.yml:1: titel: unknown key; did you mean 'title'"),
        ("edit__de", "title: [a]", "edit.de.yml:1: title: must be a text."),
        ("edit__de", "title: ''", "edit.de.yml:1: title: must not be empty."),
        (
            "edit__deutsch",
            "title: x",
            "edit.deutsch.yml: 'deutsch' is not the code of a language; did you mean",
        ),
        ("edit__de_DE", "title: x", "did you mean 'de-DE'? Rename the file."),
        ("edit__en", "title: x", "edit.yml has this text in 'en' already"),
    ],
)
def test_a_wrong_translation_says_where_and_what_to_do(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    assert expected in message(write(tmp_path, edit=PATH, **{name: text}))


def test_two_files_with_the_same_language_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, edit=PATH, edit__fr="title: Modifier", edit__FR="title: Modifier")
    assert "edit.yml has this text in 'fr' already" in message(tmp_path)


def test_a_path_whose_name_looks_like_a_translation_stays_a_path(tmp_path: Path) -> None:
    other = PATH.replace("id: edit", "id: pdf")
    loaded = load_golden_paths(write(tmp_path, edit=PATH, edit__pdf=other))
    assert {each.id for each in loaded} == {"edit", "pdf"}


def test_a_changed_translation_is_a_new_version_of_the_files(tmp_path: Path) -> None:
    config = tmp_path / "autoplay.yml"
    config.write_text("product_id: p\ngolden_paths: paths\ndatabase: {url: 'sqlite://'}\n")
    (tmp_path / "paths").mkdir()
    write(tmp_path / "paths", edit=PATH, edit__de=GERMAN)
    before = load_configuration(YamlFile(config))
    write(tmp_path / "paths", edit__de=GERMAN.replace("Öffnen Sie", "Öffne"))
    after = load_configuration(YamlFile(config))
    assert not before.is_same_as(after)
    assert before.changed_paths(after) == {"edit"}
    assert before.changed_paths(before) == set()
