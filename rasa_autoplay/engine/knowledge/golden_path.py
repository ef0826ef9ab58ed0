"""A golden path: the ideal steps of one workflow, written once.

It is the source of the tour, of the how-to text in the chat, and of the names that an answer may use.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.languages.each_language import languages_in
from rasa_autoplay.common.languages.tags import DEFAULT_LANGUAGE, matches
from rasa_autoplay.common.languages.text import in_first_of
from rasa_autoplay.engine.knowledge.step import Step
from rasa_autoplay.engine.knowledge.tour_step import TourStep, tour_step_of
from rasa_autoplay.engine.knowledge.translation_file import TranslatedFiles
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.models import Field, PlacedError, PrivateAttr, Settings, root_validator, validator
from rasa_autoplay.settings.texts import FilledText, UserText
from rasa_autoplay.settings.yaml_file import YamlFile, nearest_name

__all__ = [
    "EMBEDDED_PROVIDER",
    "FLOW_PROVIDERS",
    "GoldenPath",
    "PathInFile",
    "load_golden_paths",
    "read_golden_paths",
]

_Provider = Literal[
    "driverjs", "usertour", "userpilot", "userflow", "chameleon", "pendo", "userguiding", "told"
]
#: Our own tours run in the browser with driver.js. The browser can also start flows of these tour products
#: (``static/products.js``); the first of them is the default.
EMBEDDED_PROVIDER, *FLOW_PROVIDERS = get_args(_Provider)
#: So many choices of languages are kept for each path.
_MAX_CHOICES = 32


class GoldenPath(Settings):
    """A workflow.

    As attributes, the texts of a loaded path are in the bot's language; :meth:`in_language` chooses another.

    Args:
        id: unique; also the id of its tour.
        title: name of the workflow.
        description: one sentence that says what it is for.
        page: the page where it begins, as a part of the canonical URL.
        flow_id: the tour product's flow, if the tour is not ours.
        tour_label: label of the toast's button for the tour; "Show me" by default.
        provider: the tour product; by default Usertour if there is a flow_id, otherwise driver.js.
        interaction_timeout: how long its tour may be idle before it counts as abandoned; the session's by
            default.
        cooldown: how long nothing is offered after its tour; the session's by default.
        steps: in order.
    """

    id: str = Field(..., min_length=1)
    title: FilledText = Field(...)
    description: UserText = ""
    page: str = ""
    flow_id: str | None = None
    tour_label: FilledText | None = None
    provider: _Provider | None = None
    interaction_timeout: Duration | None = None
    cooldown: Duration | None = None
    steps: list[Step] = Field(..., min_items=1)
    _source: GoldenPath | None = PrivateAttr(default=None)
    _in_languages: BoundedDict[tuple[str, ...], GoldenPath] = PrivateAttr(
        default_factory=lambda: BoundedDict(_MAX_CHOICES)
    )
    _languages: tuple[str, ...] | None = PrivateAttr(default=None)
    _tags: Sequence[str] = PrivateAttr(default=())

    @validator("provider", pre=True)
    def _can_show_it(cls, provider: object, values: dict[str, Any]) -> object:  # noqa: N805 - pydantic's form
        flow_id = values.get("flow_id")
        allowed = (EMBEDDED_PROVIDER, *FLOW_PROVIDERS)
        if provider is not None and provider not in allowed:
            hint = nearest_name(str(provider).lower(), allowed)
            raise ValueError(f"unknown provider {provider!r}{hint or '.'} Allowed: {', '.join(allowed)}.")
        if provider == EMBEDDED_PROVIDER and flow_id:
            raise ValueError(
                f"{provider} shows the path's own steps and has no flows; name the product that has the flow"
            )
        if provider in FLOW_PROVIDERS and not flow_id:
            raise ValueError(f"{provider} shows its own flows; give the flow to show as flow_id")
        return provider

    @root_validator(skip_on_failure=True)
    def _consistent(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        ids = [step.id for step in values["steps"]]
        for place, step_id in enumerate(ids):
            if step_id in ids[:place]:
                text = f"two steps have the id {step_id!r}; each step needs its own id"
                raise PlacedError(text, ("steps", place, "id"))
        followed = [step for step in values["steps"] if step.proofs]
        if followed and all(step.optional for step in followed):
            raise ValueError(
                "all steps with a done_when are optional; at least one of them must be required, or no user "
                "could ever miss a step"
            )
        return values

    @property
    def source(self) -> GoldenPath:
        """The path with its texts in all languages."""
        return self._source or self

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages' tags of all texts, in the file's order; empty if no text has a language."""
        own = self.source
        if own._languages is None:
            in_steps = (tag for step in own.steps for tag in step.languages)
            own._languages = tuple(
                dict.fromkeys((*languages_in(own.title, own.description, own.tour_label or ""), *in_steps))
            )
        return own._languages

    def in_language(self, preferences: Sequence[str]) -> GoldenPath:
        """Return the path as a user reads it: each text is a plain string in the best language.

        Args:
            preferences: the user's languages, best first, as canonical tags.
        """
        own = self.source
        if not own.languages:
            return own
        tags = matches(own.languages, preferences)
        if tags not in own._in_languages:
            own._in_languages[tags] = own._in_first_of(tags)
        return own._in_languages[tags]

    def _in_first_of(self, tags: Sequence[str]) -> GoldenPath:
        texts = {name: getattr(self, name) for name in ("title", "description", "tour_label")}
        update = {name: text and in_first_of(text, tags) for name, text in texts.items()}
        chosen = self.copy(update={**update, "steps": [step.in_first_of(tags) for step in self.steps]})
        chosen._source, chosen._tags = self, tags
        return chosen

    def with_steps(self, steps: list[Step]) -> GoldenPath:
        """Return the path with other steps, in the language of this one.

        Args:
            steps: the steps with their texts in all languages.
        """
        return self.source.copy(update={"steps": steps}).in_language(self._tags)

    def copy(self, **options: Any) -> GoldenPath:
        """Return a copy, with pydantic's options. It has only the language of this path's attributes."""
        copied = super().copy(**options)
        copied._source, copied._languages = None, None
        copied._in_languages = BoundedDict(_MAX_CHOICES)
        return copied

    def name_of(self, place: int) -> str:
        """Return the name of a step for people: its title, or its text if it has no title."""
        return self.steps[place].title or self.steps[place].text

    def place_of_name(self, name: str) -> int | None:
        """Return the place of the step with that name; None if there is none."""
        return next((at for at in range(len(self.steps)) if self.name_of(at) == name), None)

    def is_on(self, canonical_url: str) -> bool:
        """Whether the path begins on that page: the URL contains ``page``, in any case."""
        return bool(canonical_url) and self.page.lower() in canonical_url.lower()

    def reaches(self, canonical_url: str) -> bool:
        """Whether the path includes that page: it begins there, or one of its steps is done there."""
        pages = (proof.page for step in self.steps for proof in step.proofs)
        return self.is_on(canonical_url) or any(page and page.matches(canonical_url) for page in pages)

    def has_step(self, step_id: str) -> bool:
        """Whether there is a step with that id."""
        return any(step.id == step_id for step in self.steps)

    def how_to(self, from_step: str = "") -> str:
        """Return the steps as one chat bubble.

        It has no blank lines, because they would split it into several bubbles.

        Args:
            from_step: id of the first step to include; all steps if there is no such step.
        """
        first = next((at for at, step in enumerate(self.steps) if step.id == from_step), 0)
        steps = [f"{number}. {step.text}" for number, step in enumerate(self.steps, 1)]
        texts = [f"{self.title}:", *steps[first:]]
        return "\n".join(line for text in texts for line in _item_lines(text))

    def numbered(self, place: int, text: str) -> str:
        """Return a step as an item of a numbered list, with a text of its own."""
        return "\n".join(_item_lines(f"{place + 1}. {text}"))

    def tour_steps(self) -> list[TourStep]:
        """Return the steps with an element, as the browser gets them."""
        return [found for step in self.steps if (found := tour_step_of(step))]


class PathInFile(NamedTuple):
    """A golden path with its file.

    Args:
        file: the file, for line numbers.
        path: the path, with the texts of its translations.
    """

    file: YamlFile
    path: GoldenPath


def _item_lines(text: str) -> list[str]:
    """Lines of a list's item; those after the first are indented, so that they stay part of it."""
    first, *more = [line.strip() for line in text.splitlines() if line.strip()]
    return [first, *(f"   {line}" for line in more)]


def read_golden_paths(folder: Path, language: str, collector: ErrorCollector) -> list[PathInFile]:
    """Read the golden paths of a folder with their translations, as far as they are right.

    Args:
        folder: the folder; every ``*.yml`` and ``*.yaml`` file in it is read.
        language: the bot's language, which is that of texts without one.
        collector: gets an error for each wrong file.
    """
    places = sorted(file for file in folder.iterdir() if file.suffix in (".yml", ".yaml"))
    files: list[YamlFile] = []
    for place in places:
        with collector:
            files.append(YamlFile(place))
    translated = TranslatedFiles(files, [place.name for place in places])
    paths: dict[str, PathInFile] = {}
    for file in translated.paths:
        with collector:
            path = file.read(GoldenPath)
            if path.id in paths:
                raise file.error(["id"], f"{path.id!r} is also the id of {paths[path.id].file.path.name}.")
            paths[path.id] = PathInFile(file, path.in_language((language,)))
            in_all = GoldenPath.parse_obj(translated.translated(file, language))
            paths[path.id] = PathInFile(file, in_all.in_language((language,)))
    for orphan in translated.orphans():
        with collector:
            raise orphan
    return list(paths.values())


def load_golden_paths(folder: Path, language: str = DEFAULT_LANGUAGE) -> list[GoldenPath]:
    """Read every ``*.yml`` and ``*.yaml`` file in a folder.

    Args:
        folder: the folder of the golden paths and their translations.
        language: the bot's language, which is that of texts without one.

    Raises:
        ConfigError: the folder is missing, or files are invalid or have the same id; one line for each error.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"autoplay.yml: golden_paths: the folder {str(folder)!r} does not exist.",
            remedy="Paths are relative to the folder of autoplay.yml.",
        )
    collector = ErrorCollector()
    paths = read_golden_paths(folder, language, collector)
    collector.raise_any()
    return [each.path for each in paths]
