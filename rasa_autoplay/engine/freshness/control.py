"""A control that users operate: its name and its element."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from rasa_autoplay.engine.knowledge.control_names import plain_name_of

__all__ = ["Control", "control_of"]

_NUMBERS = re.compile(r"\d+")
#: Longer names are cut, in characters; a page may write anything.
_LONGEST = 120


class Control(NamedTuple):
    """A control on the page.

    Args:
        name: the name on the control, as users read it; empty if it has none.
        element_id: its DOM id; empty if unknown.
    """

    name: str
    element_id: str

    @property
    def kind(self) -> Control:
        """The controls that differ only in numbers, such as those of two records.

        ``N`` stands for any number in the name, as in labels, and ``*`` in the id.
        """
        return Control(_NUMBERS.sub("N", self.name), _NUMBERS.sub("*", self.element_id))

    def key(self, product_id: str) -> str:
        """Return what stands for the kind where its name may still be personal data."""
        name, element_id = self.kind
        text = f"{product_id}\0{name.casefold()}\0{element_id}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def control_of(title: str, element_id: str) -> Control:
    """Return the control of an action.

    Args:
        title: the action's title, such as ``Click Apply to 3``.
        element_id: DOM id of the element; empty if unknown.
    """
    return Control(plain_name_of(title)[:_LONGEST], element_id[:_LONGEST])
