"""``done_when``: the actions that prove a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.engine.matching.patterns import PagePattern, TextPattern
from rasa_autoplay.settings.models import Settings, root_validator

__all__ = ["ElementPattern", "StepMatch"]


class ElementPattern(TextPattern):
    """A pattern for DOM ids: a text is the whole id, and ``*`` matches anything (``project-checkbox-*``)."""

    __slots__ = ()

    def _read(self, form: object) -> Any:
        if isinstance(form, str) and form.strip():
            parts = form.strip().split("*")
            return f'"{form}"', lambda element_id: _fits(element_id, parts)
        return super()._read(form)


def _fits(element_id: str, parts: Sequence[str]) -> bool:
    """Whether an id consists of these parts with anything between them, in linear time."""
    first, *others = parts
    if not others:
        return element_id == first
    *middle, last = others
    if not element_id.startswith(first) or not element_id.endswith(last):
        return False
    at, end = len(first), len(element_id) - len(last)
    for part in middle:
        found = element_id.find(part, at, max(at, end))
        if found < 0:
            return False
        at = found + len(part)
    return at <= end


class StepMatch(Settings):
    """An action proves the step if all given patterns match.

    Args:
        title: part of the action's title, in any case; or {exact: …}, {regex: …}, or a list.
        description: the same for its description.
        type: the same for its type: pageview, click, submit, type, focus or blur.
        page: the same for its canonical URL.
        element_id: the DOM id of the element, in which * matches anything; or {regex: …}, or a list.
    """

    title: TextPattern | None = None
    description: TextPattern | None = None
    type: TextPattern | None = None
    page: PagePattern | None = None
    element_id: ElementPattern | None = None

    @root_validator(skip_on_failure=True)
    def _given(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        if all(pattern is None for pattern in values.values()):
            raise ValueError(f"say which actions you mean, by one of {', '.join(cls.__fields__)}")
        return values

    def matcher(self) -> ActionMatcher:
        """Return the matcher for these actions."""
        return ActionMatcher({name: getattr(self, name) for name in self.__fields__})
