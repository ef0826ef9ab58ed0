"""A step of a golden path, and the ways in which users can do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_autoplay.common.languages.each_language import all_languages, languages_in
from rasa_autoplay.common.languages.text import in_first_of
from rasa_autoplay.engine.knowledge.step_match import StepMatch
from rasa_autoplay.settings.models import Field, PrivateAttr, Settings, root_validator, validator
from rasa_autoplay.settings.texts import FilledText, UserText

__all__ = ["Step", "Way"]


class Way(Settings):
    """One of several ways to do a step.

    Args:
        element: CSS selector of what the tour points at, also of several elements of which any will do;
            ``host >> inner`` for an element in an open shadow root.
        label: text on the element in the app.
        done_when: the actions that show that the step was done this way.
    """

    element: str | None = None
    label: UserText | None = None
    done_when: StepMatch | None = None
    _source: Way | None = PrivateAttr(default=None)

    @property
    def source(self) -> Way:
        """The way with its label in all languages."""
        return self._source or self

    @property
    def labels(self) -> tuple[str, ...]:
        """The label in all languages, the first one first; empty without a label."""
        label = self.source.label
        return all_languages(label) if label else ()

    def in_first_of(self, tags: Sequence[str]) -> Way:
        """Return the way with its label in the first of these languages that it has."""
        chosen = self.source.copy(
            update={"label": self.source.label and in_first_of(self.source.label, tags)}
        )
        chosen._source = self.source
        return chosen

    def copy(self, **options: Any) -> Way:
        """Return a copy, with pydantic's options. It has only the language of this way's attributes."""
        copied = super().copy(**options)
        copied._source = None
        return copied


class Step(Settings):
    """One step of a workflow.

    ``element``, ``label`` and ``done_when`` describe the first way to do it, ``any`` further ones. As
    attributes, the texts of a loaded path are in one language; ``source`` has them in all.

    Args:
        id: unique within the path.
        title: heading of the tour step; required with an element.
        element: CSS selector of what the tour points at, also of several elements of which any will do;
            ``host >> inner`` for an element in an open shadow root. A step without one appears in the chat
            only.
        label: text on the element in the app.
        text: text of the step in the chat.
        tooltip: text of the step in the tour; the chat's text by default.
        done_when: the actions that prove the step; a step without them is explained but not tracked.
        any: further ways to do the step, of which each will do; the tour shows the first way whose element
            is on the page.
        several: whether the user may do it several times, such as ticking some of many rows. With ``true``,
            doing it again is no repetition and no new attempt. By default, the tour lets users do it several
            times if its elements are several checkboxes.
        optional: whether the workflow can be done without this step, such as a preset choice.
    """

    id: str
    title: UserText = ""
    element: str | None = None
    label: UserText | None = None
    text: FilledText = Field(...)
    tooltip: UserText | None = None
    done_when: StepMatch | None = None
    any: list[Way] | None = Field(default=None, minItems=1)
    several: bool | None = None
    optional: bool = False
    _ways: tuple[Way, ...] = PrivateAttr()
    _source: Step | None = PrivateAttr(default=None)

    @validator("any")
    def _names_ways(cls, ways: list[Way] | None) -> list[Way] | None:  # noqa: N805 - pydantic's form
        if ways is not None and not ways:
            raise ValueError("an empty list names no way; write further ways to do the step, or remove it")
        return ways

    @validator("any", each_item=True)
    def _can_be_done(cls, way: Way) -> Way:  # noqa: N805 - pydantic's form
        if not way.element and way.done_when is None:
            raise ValueError(
                "a way needs an element, which the tour shows, or a done_when, which recognizes it; add "
                "one of them, or remove this way"
            )
        return way

    @root_validator(skip_on_failure=True)
    def _consistent(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        own, others = _own_way(values), values["any"] or []
        if others and own.label and not own.element and own.done_when is None:
            raise ValueError(
                "with any, a label alone is not a way to do the step; give it an element or a done_when, or "
                "write the label at each way in any"
            )
        ways = [own, *others]
        if any(way in ways[:place] for place, way in enumerate(ways)):
            raise ValueError("two ways of this step are the same; remove one of them")
        if any(way.element for way in ways) and not values["title"]:
            raise ValueError("a step with an element is part of the tour and needs a title")
        return values

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        own = _own_way(self.__dict__)
        self._ways = (*([] if own == _NO_WAY else [own]), *(self.any or []))

    @property
    def source(self) -> Step:
        """The step with its texts in all languages."""
        return self._source or self

    @property
    def titles(self) -> tuple[str, ...]:
        """The title in all languages, the first one first."""
        return all_languages(self.source.title)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages' tags of all texts."""
        own = self.source
        return languages_in(own.title, own.text, own.tooltip or "", *(way.label or "" for way in own.ways))

    def in_first_of(self, tags: Sequence[str]) -> Step:
        """Return the step with each text in the first of these languages that it has."""
        own = self.source
        texts = {name: getattr(own, name) for name in ("title", "label", "text", "tooltip")}
        update = {name: text and in_first_of(text, tags) for name, text in texts.items()}
        others = own.any and [way.in_first_of(tags) for way in own.any]
        chosen = own.copy(update={**update, "any": others})
        chosen._source = own
        chosen._ways = tuple(way.in_first_of(tags) for way in own.ways)
        return chosen

    def copy(self, **options: Any) -> Step:
        """Return a copy, with pydantic's options. It has only the language of this step's attributes."""
        copied = super().copy(**options)
        copied._source = None
        return copied

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways to do the step, its own first; empty if the step is explained only."""
        return self._ways

    @property
    def elements(self) -> tuple[str, ...]:
        """The CSS selectors of all ways, in order; empty if the step appears in the chat only."""
        return tuple(dict.fromkeys(way.element for way in self.ways if way.element))

    @property
    def labels(self) -> tuple[str, ...]:
        """The texts on the elements of all ways, in order."""
        return tuple(dict.fromkeys(way.label for way in self.ways if way.label))

    @property
    def labels_in_every_language(self) -> tuple[str, ...]:
        """The texts on the elements of all ways, in all languages."""
        return tuple(dict.fromkeys(label for way in self.ways for label in way.labels))

    @property
    def proofs(self) -> tuple[StepMatch, ...]:
        """The actions that prove the step, by its ways; empty if the step is not tracked."""
        return tuple(way.done_when for way in self.ways if way.done_when is not None)


def _own_way(values: dict[str, Any]) -> Way:
    """Return the way that a step's own keys describe; it is valid already."""
    return Way.construct(**{name: values[name] for name in Way.__fields__})


_NO_WAY = Way()
