"""Compares a step's label with the names of a page's controls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rasa_autoplay.engine.knowledge.control_names import control_name_of, is_readable

__all__ = ["fits_label"]

#: Counts beside a name: "Inbox (3)".
_COUNTS = re.compile(r"[(\[]?\d[\d.,]*[+)\]]?")


def fits_label(labels: Sequence[str], texts: Iterable[str], *, is_container: bool = False) -> bool:
    """Whether one of an element's texts is the label; also if the label is a sign without letters.

    Args:
        labels: the step's label in all languages; each of them will do.
        texts: accessible name, visible text, and other texts of the element.
        is_container: whether the element is no control, so that the label may be a part of its text.
    """
    control = control_name_of(labels, ())
    if control is None or not all(map(is_readable, labels)):
        return True
    return any(
        control.is_named_by(text)
        or control.is_named_by(_COUNTS.sub(" ", text))
        or (is_container and any(label.casefold() in text.casefold() for label in labels))
        for text in texts
    )
