"""Does an action's title name the control that a golden path means? For actions without an element id.

Autoplay's own sources say what a control is called and not which element it is: "Click Save changes",
"Clicked Save changes" or "Save changes button" for the label "Save changes". The name must be the whole
label; case, whitespace, quotes, icons and other signs do not count. ``N`` in a label is any number: the label
"Apply to N" is "Apply to 3" on the screen.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["ControlName", "control_name_of", "is_readable"]

#: How titles begin that say what was done to the control.
_ACT = re.compile(
    r"(?:(?:double|right|rage|dead) )?"
    r"(?:click|clicked|tap|tapped|press|pressed|change|changed|submit|submitted|type|typed|enter|entered"
    r"|fill in|filled in|toggle|toggled|check|checked|uncheck|unchecked|focus|focused|blur|blurred) "
)
#: What may follow it; or the label begins so: "The team".
_BETWEEN = re.compile(r"(?:on|in|into|the) ")
#: How titles end that say what kind of control it is.
_KIND = re.compile(
    r" (?:button|link|icon|tab|field|input|checkbox|radio button|switch|toggle|dropdown|select|option"
    r"|menu item|menu|list item)$"
)
#: How steps' titles begin: "Open table options".
_TOLD = re.compile(r"(?:open|pick|choose|select|press|click|tick|use|go to|find)(?: (?:the|a|an|your))? ")
_NUMBER = r"(?:n|\d+(?: \d+)*)"


class ControlName:
    """Knows the titles of actions on one control.

    Args:
        forms: what the control is called, each form normalised.
    """

    __slots__ = ("_forms",)

    def __init__(self, *forms: str) -> None:
        patterns = (
            " ".join(_NUMBER if word == "N" else re.escape(word.casefold()) for word in form.split())
            for form in forms
        )
        self._forms = re.compile("|".join(patterns))

    def is_named_by(self, title: str) -> bool:
        """Whether an action of this title was done to the control."""
        return any(map(self._forms.fullmatch, _names_in(title)))


def control_name_of(label: str | None, title: str) -> ControlName | None:
    """The name of a step's control: its label, or the step's title where no label can be read.

    Args:
        label: what stands on the control; a sign such as "⋯" cannot be read.
        title: the step's heading.

    Returns:
        None when neither can be read: no title of an action shows such a step.
    """
    if words := _words(label or ""):
        return ControlName(words)
    told = _words(title)
    if not told:
        return None
    # "Open table options" is "Table options" on the control. One word that is left could be anything.
    named = told[found.end() :] if (found := _TOLD.match(told.casefold())) else ""
    return ControlName(told, *([named] if " " in named else []))


def is_readable(label: str | None) -> bool:
    """Whether a label has letters or digits: "⋯" has none."""
    return bool(_words(label or ""))


def _words(text: str) -> str:
    """Letters, digits and single spaces: what is left of a text that can be read."""
    kept = (char if unicodedata.category(char)[0] in "LMN" else " " for char in _plain(text))
    return " ".join("".join(kept).split())


def _plain(text: str) -> str:
    # An apostrophe is part of its word: "Don't save" is no other label than "Dont save".
    return unicodedata.normalize("NFKC", text).replace("'", "").replace("\u2019", "")


@lru_cache(maxsize=4096)
def _names_in(title: str) -> tuple[str, ...]:
    """What the control may be called, by an action's title: with and without the act and the kind."""
    # Every step of every path asks about the same titles.
    names = [words] if (words := _words(title).casefold()) else []
    found = _ACT.match(words)
    while found and (words := words[found.end() :]):
        names.append(words)
        found = _BETWEEN.match(words)
    return (*names, *(name[: kind.start()] for name in names if (kind := _KIND.search(name))))
