"""Matches an action's title with the name of a golden path's control, for actions without an element id.

Autoplay's own sources give a control's name but not its element: "Click Save changes", "Clicked Save changes"
or "Save changes button" for the label "Save changes". The name must be the whole label; case, whitespace,
quotes, icons and other signs do not count. ``N`` in a label matches any number: "Apply to N" is "Apply to 3"
on the screen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from rasa_autoplay.events.cjk_spacing import close_cjk_gaps

__all__ = ["ControlName", "control_name_of", "is_readable", "plain_name_of"]

#: Titles may begin with what was done to the control.
_ACT = re.compile(
    r"(?:(?:double|right|rage|dead) )?"
    r"(?:click|clicked|tap|tapped|press|pressed|change|changed|submit|submitted|type|typed|enter|entered"
    r"|fill in|filled in|toggle|toggled|check|checked|uncheck|unchecked|focus|focused|blur|blurred) "
)
#: This may follow; but a label can also begin like this: "The team".
_BETWEEN = re.compile(r"(?:on|in|into|the) ")
#: Titles may end with the kind of control.
_KIND = re.compile(
    r" (?:button|link|icon|tab|field|input|checkbox|radio button|switch|toggle|dropdown|select|option"
    r"|menu item|menu|list item)$"
)
#: Steps' titles begin with an instruction: "Open table options".
_INSTRUCTION = re.compile(
    r"(?:open|pick|choose|select|press|click|tick|use|go to|find)(?: (?:the|a|an|your))? "
)
_NUMBER = r"(?:n|\d+(?: \d+)*)"


class ControlName:
    """Recognises the titles of actions on one control.

    Args:
        forms: the possible names of the control, normalised.
    """

    __slots__ = ("_forms", "_numbered")

    def __init__(self, *forms: str) -> None:
        numbered = [form for form in forms if "N" in form.split()]
        # Looked up at once, however many languages the name has.
        self._forms = frozenset(_folded(form) for form in forms if form not in numbered)
        patterns = (
            " ".join(_NUMBER if word == "N" else re.escape(_folded(word)) for word in form.split())
            for form in numbered
        )
        self._numbered = re.compile("|".join(patterns)) if numbered else None

    def is_named_by(self, title: str) -> bool:
        """Whether an action with this title was done to the control."""
        names = _names_in(title)
        if not self._forms.isdisjoint(names):
            return True
        return self._numbered is not None and any(map(self._numbered.fullmatch, names))


def control_name_of(labels: Sequence[str], titles: Sequence[str]) -> ControlName | None:
    """Return the name of a step's control: its label, or the step's title if the label has no letters.

    Args:
        labels: the text on the control in all languages; a symbol such as "⋯" has no letters.
        titles: the step's heading in all languages.

    Returns:
        None if none of them has letters: no action's title can prove such a step.
    """
    forms = list(filter(None, map(_words, labels))) or list(_forms_of(titles))
    return ControlName(*forms) if forms else None


def _forms_of(titles: Sequence[str]) -> Iterator[str]:
    for words in filter(None, map(_words, titles)):
        yield words
        # "Open table options" is "Table options" on the control. A single remaining word would be too vague.
        named = words[found.end() :] if (found := _INSTRUCTION.match(words.casefold())) else ""
        if " " in named:
            yield named


def plain_name_of(title: str) -> str:
    """Return the control's name in an action's title, as users read it: "Save" for "Click Save"."""
    name = " ".join(title.split())
    act = _ACT.match(name.lower())
    return name[act.end() :].removeprefix("on ") if act else name


def is_readable(label: str) -> bool:
    """Whether a label has letters or digits: "⋯" has none."""
    return bool(_words(label))


def _words(text: str) -> str:
    """Reduce a text to its letters, digits and single spaces."""
    kept = (char if unicodedata.category(char)[0] in "LMN" else " " for char in _plain(text))
    return close_cjk_gaps(" ".join("".join(kept).split()))


def _plain(text: str) -> str:
    # An apostrophe is part of its word: "Don't save" equals "Dont save".
    return unicodedata.normalize("NFKC", text).replace("'", "").replace("\u2019", "")


def _folded(text: str) -> str:
    """Return a text for comparison without case. Folding can take letters and their accents apart."""
    return unicodedata.normalize("NFKC", text.casefold())


@lru_cache(maxsize=4096)
def _names_in(title: str) -> tuple[str, ...]:
    """Return the possible names of a control in an action's title, with and without act and kind."""
    # Cached, because every step of every path is compared with the same titles.
    names = [words] if (words := _folded(_words(title))) else []
    found = _ACT.match(words)
    while found and (words := words[found.end() :]):
        names.append(words)
        found = _BETWEEN.match(words)
    return (*names, *(name[: kind.start()] for name in names if (kind := _KIND.search(name))))
