"""Names the texts that lack a language which other texts have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rasa_autoplay.common.languages.each_language import languages_in
from rasa_autoplay.common.languages.tags import lookup
from rasa_autoplay.engine.knowledge.control_names import is_readable
from rasa_autoplay.engine.knowledge.golden_path import PathInFile, read_golden_paths
from rasa_autoplay.engine.knowledge.path_texts import texts_of as texts_of_path
from rasa_autoplay.engine.triggers.builtin_triggers import TEXTS_OF_NEXT_STEP
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.toast_texts import texts_of

__all__ = ["check_languages"]

#: So many texts are named for each file and language; the others are counted.
_NAMED = 4
#: It has no text of its own.
_PLAYBOOK = "section_playbook_match"
_Place = tuple["str | int", ...]


class _Text(NamedTuple):
    """A text that users read.

    Args:
        place: where it is in the file.
        name: the place for people.
        languages: its languages.
        is_default: whether it is the package's own text, and is not in the file.
    """

    place: _Place
    name: str
    languages: tuple[str, ...]
    is_default: bool = False


def check_languages(file: YamlFile, settings: EngineSettings, findings: Findings) -> None:
    """Warn, for each file and language, about the texts that lack the language.

    Args:
        file: ``autoplay.yml``.
        settings: its content.
        findings: collects the warnings.
    """
    folder = file.path.parent / (settings.golden_paths or "")
    is_there = bool(settings.golden_paths) and folder.is_dir()
    paths = read_golden_paths(folder, settings.language, ErrorCollector()) if is_there else []
    files = [(file, _of_triggers(settings)), *((each.file, _of_path(each, settings)) for each in paths)]
    stated = (tag for _, texts in files for text in texts if not text.is_default for tag in text.languages)
    used = dict.fromkeys((settings.language, *stated))
    for each, texts in files:
        for language in used:
            lacking = [text for text in texts if lookup(text.languages, (language,)) is None]
            if lacking:
                findings.warn(_warning(each, language, lacking, len(texts), each is not file))


def _of_triggers(settings: EngineSettings) -> list[_Text]:
    written = [
        _Text(
            ("triggers", number, *place),
            f"{trigger.id or trigger.builtin}: {'.'.join(map(str, place))}",
            languages_in(text) or (settings.language,),
        )
        for number, trigger in enumerate(settings.triggers)
        for place, text in _all_texts(trigger)
    ]
    return [*written, *_defaults(settings)]


def _defaults(settings: EngineSettings) -> Iterator[_Text]:
    """Yield the built-in triggers' own texts, as far as autoplay.yml does not replace them."""
    for number, trigger in enumerate(settings.triggers):
        if not trigger.builtin or trigger.body or trigger.variants or trigger.builtin == _PLAYBOOK:
            continue
        is_next_step = trigger.builtin == "next_step"
        used = trigger.parameters.get("approaches") or TEXTS_OF_NEXT_STEP
        names = [name for name in TEXTS_OF_NEXT_STEP if name in used and name not in trigger.parameters]
        for name in names if is_next_step else ["body"]:
            yield _Text(("triggers", number), f"{trigger.id or trigger.builtin}: {name}", ("en",), True)


def _all_texts(trigger: TriggerSettings) -> Iterator[tuple[_Place, str]]:
    found = [(tuple(place), text) for place, text in texts_of(trigger)]
    for number, tour in enumerate(trigger.tours):
        if not isinstance(tour, str) and tour.label:
            found.append((("tours", number, "label"), tour.label))
    found += [(("reply_options", at), text) for at, text in enumerate(trigger.reply_options or ())]
    yield from found


def _of_path(found: PathInFile, settings: EngineSettings) -> list[_Text]:
    ids = [step.id for step in found.path.steps]
    return [
        _Text(place, _name(place, ids), languages_in(text) or (settings.language,))
        for place, text in texts_of_path(found.path)
        # Users read no description, and a label such as "⋯" needs no language.
        if text and place != ("description",) and (place[-1] != "label" or is_readable(text))
    ]


def _name(place: _Place, ids: Sequence[str]) -> str:
    if place[0] != "steps":
        return str(place[0])
    return ".".join([ids[int(place[1])], *map(str, place[2:])])


def _warning(file: YamlFile, language: str, lacking: Sequence[_Text], count: int, is_path: bool) -> str:
    named = ", ".join(f"{text.name} (line {file.line_of(text.place)})" for text in lacking[:_NAMED])
    more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
    how_many = f"all {count} texts" if len(lacking) == count else f"{len(lacking)} of {count} texts"
    where = (
        f"write them in {file.path.stem}.{language}.yml"
        if is_path
        else f"write them as {{{lacking[0].languages[0]}: …, {language}: …}}"
    )
    return (
        f"{file.path.name}: {how_many} lack the language {language!r}, so its users get another one: {named}"
        f"{more}. To translate them, {where}."
    )
