"""A file beside a golden path with its texts in another language: ``projects-bulk-edit.de.yml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.language_keys import LanguageMistake, read_language
from rasa_autoplay.settings.models import Field, Settings
from rasa_autoplay.settings.texts import read_text
from rasa_autoplay.settings.yaml_file import YamlFile, nearest_name

__all__ = ["PathTranslation", "TranslatedFiles"]

_Place = tuple["str | int", ...]


class TranslatedWay(Settings):
    """The texts of one of a step's further ways.

    Args:
        label: text on the element in the app.
    """

    label: str | None = Field(default=None, min_length=1)


class TranslatedStep(Settings):
    """The texts of a step.

    Args:
        title: heading of the tour step.
        label: text on the element in the app.
        text: text of the step in the chat.
        tooltip: text of the step in the tour.
        any: the texts of the step's further ways, in the order of the golden path.
    """

    title: str | None = Field(default=None, min_length=1)
    label: str | None = Field(default=None, min_length=1)
    text: str | None = Field(default=None, min_length=1)
    tooltip: str | None = Field(default=None, min_length=1)
    any: list[TranslatedWay] | None = None


class PathTranslation(Settings):
    """The texts of a golden path in one language. A text that is missing stays in the path's own language.

    Args:
        title: name of the workflow.
        description: one sentence that says what it is for.
        tour_label: label of the toast's button for the tour.
        steps: the texts of the steps, by the steps' ids.
    """

    title: str | None = Field(default=None, min_length=1)
    description: str | None = Field(default=None, min_length=1)
    tour_label: str | None = Field(default=None, min_length=1)
    steps: dict[str, TranslatedStep] = Field(default_factory=dict)


class TranslatedFiles:
    """The files of a folder: golden paths, and translations of them.

    Args:
        files: all files that are YAML.
        names: the names of all files, also of those that are no YAML.
    """

    def __init__(self, files: Sequence[YamlFile], names: Sequence[str]) -> None:
        self._stems = {Path(name).stem for name in names}
        self._by_stem = {file.path.stem: file for file in files}
        #: The files of the golden paths.
        self.paths = [file for file in files if not self._is_translation(file)]
        #: The files of their translations.
        self.translations = [file for file in files if self._is_translation(file)]

    def _is_translation(self, file: YamlFile) -> bool:
        stem, dot, code = file.path.stem.rpartition(".")
        if not dot:
            return False
        own_id = file.raw().get("id")
        if own_id is None:
            return stem in self._stems or _is_language(code)
        base = self._by_stem.get(stem)
        return base is not None and base.raw().get("id") == own_id and _is_language(code)

    def orphans(self) -> Iterator[ConfigError]:
        """Yield an error for each translation whose golden path is missing."""
        known = [file.path.stem for file in self.paths]
        for file in self.translations:
            stem = file.path.stem.rpartition(".")[0]
            if stem not in self._stems:
                hint = nearest_name(stem, known) or "."
                yield ConfigError(
                    f"{file.path.name}: a translation belongs beside its golden path, but there is no file "
                    f"'{stem}.yml'{hint} Golden paths: {', '.join(known) or 'none'}."
                )

    def translated(self, file: YamlFile, language: str) -> dict[str, Any]:
        """Return a golden path's content with the texts of its translations.

        Args:
            file: the golden path.
            language: the language of texts that have none.

        Raises:
            ConfigError: translations are wrong, or do not fit the path; one line for each error.
        """
        data = file.data()
        collector = ErrorCollector()
        for other in self.translations:
            if other.path.stem.rpartition(".")[0] == file.path.stem:
                with collector:
                    _Translation(other, file).add_to(data, language)
        collector.raise_any()
        return data


def _is_language(code: str) -> bool:
    try:
        return bool(read_language(code))
    except LanguageMistake as mistake:
        return "did you mean" in str(mistake)


class _Translation:
    """One translation of a golden path."""

    def __init__(self, file: YamlFile, path_file: YamlFile) -> None:
        self._file, self._base = file, path_file.path.name
        code = file.path.stem.rpartition(".")[2]
        try:
            self._tag = read_language(code)
        except LanguageMistake as mistake:
            raise ConfigError(f"{file.path.name}: {mistake} Rename the file.") from None
        if "id" in file.raw():
            raise file.error(
                ["id"],
                f"this file translates {self._base}, so it has only texts. Remove the id, and write the "
                "texts of the steps by the steps' ids, such as steps: {open-menu: {text: …}}.",
            )
        self._texts = file.read(PathTranslation)
        self._errors = ErrorCollector()

    def add_to(self, data: dict[str, Any], language: str) -> None:
        """Add the texts to the content of the golden path, which is changed in place."""
        self._language = language
        self._add(data, self._texts, ("title", "description", "tour_label"), ())
        steps = {str(step.get("id")): step for step in data.get("steps") or () if isinstance(step, dict)}
        for step_id, texts in self._texts.steps.items():
            place = ("steps", step_id)
            with self._errors:
                if step_id not in steps:
                    hint = nearest_name(step_id, list(steps)) or "."
                    known = ", ".join(steps) or "none"
                    raise self._file.error(
                        place, f"{self._base} has no step {step_id!r}{hint} It has: {known}."
                    )
                self._add(steps[step_id], texts, ("title", "label", "text", "tooltip"), place)
                self._add_to_ways(steps[step_id].get("any") or [], texts.any or [], (*place, "any"))
        self._errors.raise_any()

    def _add_to_ways(self, ways: Sequence[Any], texts: Sequence[TranslatedWay], place: _Place) -> None:
        for number, each in enumerate(texts):
            if number >= len(ways):
                count = f"has {len(ways)}" if ways else "has none"
                raise self._file.error((*place, number), f"the step in {self._base} {count} in any.")
            self._add(ways[number], each, ("label",), (*place, number))

    def _add(self, section: Any, texts: Settings, names: Sequence[str], place: _Place) -> None:
        for name in names:
            text = getattr(texts, name)
            if text is not None and isinstance(section, dict):
                with self._errors:
                    section[name] = self._with_text(section, name, text, (*place, name))

    def _with_text(self, section: Mapping[str, Any], name: str, text: str, place: _Place) -> Text:
        if not section.get(name):
            raise self._file.error(place, f"{self._base} has no {name} here; write it there first.")
        own = Text(read_text(section[name]))
        tag = self._tag
        if not own.languages and tag == self._language:
            raise self._file.error(
                place,
                f"{self._base} has this text in {tag!r} already: texts without a language are in that of "
                f"autoplay.yml. If this one is in another, name it there, such as {name}: {{de: …}}.",
            )
        if tag in own.languages:
            raise self._file.error(place, f"{self._base} has this text in {tag!r} already; keep one of them.")
        return own.with_language(tag, text, own_tag=self._language)
