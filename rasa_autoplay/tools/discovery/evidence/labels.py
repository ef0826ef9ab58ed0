"""Names of acts, fit for people: masked, short, on one line, and without signs that have a meaning."""

from __future__ import annotations

from rasa_autoplay.events.masking import mask_text
from rasa_autoplay.tools.discovery.findings.finding import Act

__all__ = ["label_of", "masked_line", "name_of"]

_MAX_LABEL = 40
_MAX_LINE = 120
#: These begin a variable, a name to fill in, or Markdown.
_PLAIN = str.maketrans({"{": "(", "}": ")", "`": " ", "*": " ", "$": " ", "<": "(", ">": ")", "_": " "})


def label_of(act: Act | None) -> str:
    """Return an act's label for a question.

    Returns:
        Empty if there is no act, or if its label has personal data or no letter.
    """
    if act is None:
        return ""
    masked = mask_text(act.label)
    if masked != act.label and "[" in masked:
        return ""
    text = " ".join(masked.translate(_PLAIN).split()).strip(" .:;,-–")
    if act.is_page_view and not act.title:
        return ""
    return _cut(text, _MAX_LABEL) if any(map(str.isalpha, text)) else ""


def name_of(act: Act) -> str:
    """Return what users do, for a list: ``Click Save``, ``Open /projects``."""
    if act.is_page_view:
        return masked_line(f"Open {act.page or act.label}")
    return masked_line(act.title or f"{act.type or 'Use'} {act.element_id}".strip())


def masked_line(text: str, most: int = _MAX_LINE) -> str:
    """Mask a text, and put it on one line of at most so many characters."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return _cut(mask_text(line), most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
