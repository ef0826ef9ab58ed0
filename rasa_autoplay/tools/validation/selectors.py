"""Reads CSS selectors as browsers do (Selectors Level 4)."""

from __future__ import annotations

import re

from cssselect2 import SelectorError
from cssselect2.parser import parse

__all__ = ["selector_problem"]

_STRINGS = re.compile(r"""(["']).*?\1""")
#: What jQuery adds to CSS; browsers refuse all of it.
_OF_JQUERY = re.compile(
    r":(animated|button|checkbox|contains|eq|even|file|first|gt|header|hidden|image|input|last|lt|odd|parent"
    r"|password|radio|reset|selected|submit|text|visible)(?![\w-])"
)


def selector_problem(selector: str) -> str:
    """Say why browsers would refuse a selector; empty if they would not.

    Args:
        selector: a CSS selector, or several, joined by ``>>`` where the next one is looked for in open shadow
            roots.
    """
    return next(filter(None, map(_problem, selector.split(">>"))), "")


def _problem(part: str) -> str:
    extension = _OF_JQUERY.search(_STRINGS.sub("", part))
    if extension is not None:
        return f"{extension[0]} is jQuery's, not CSS"
    try:
        list(parse(part))
    except SelectorError as error:
        return str(error.args[-1])
    return ""
