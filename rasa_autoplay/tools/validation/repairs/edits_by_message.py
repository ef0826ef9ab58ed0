"""The changes that an error's text suggests: the nearest name, a unit, quotes, a new id."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rasa_autoplay.tools.validation.repairs.edit import Edit, Entry, indent_of, quoted, replaced, split_line
from rasa_autoplay.tools.validation.repairs.edits_of_lines import dash

__all__ = ["edits_by_message"]

_DID_YOU_MEAN = re.compile(r"did you mean '([^']+)'")
_ONE_OF = re.compile(r"must be (?:one of )?('[^']*'(?:, '[^']*')*)")
_NAME = re.compile(r"[\w.$-]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CLOCK = re.compile(r"(\d+):([0-5]\d)")
#: What to write for a key that must be there, or must not be empty.
_EXAMPLES = {
    "product_id": ("product_id: demo",),
    "steps": (
        "steps:",
        "  - id: first-step",
        "    text: Say here what to do first.",
    ),
    "text": ("text: Say here what to do.",),
    "title": ("title: What it is called",),
    "id": ("id: its-own-name",),
    "body": ("body: May I help you?",),
}


def edits_by_message(lines: Sequence[str], at: int, message: str) -> Iterator[Edit]:
    """Yield edits of a line, by what the error says about it.

    Args:
        lines: the file's lines.
        at: the index of the line that the error names.
        message: the error, without file and line.
    """
    fault = _Fault(lines, at, split_line(lines[at]), message)
    for pattern, edits in _BY_MESSAGE.items():
        if re.search(pattern, message):
            yield from edits(fault)


class _Fault(NamedTuple):
    """What is known about an error; see above."""

    lines: Sequence[str]
    at: int
    entry: Entry
    message: str


_QUOTES = "\"'"


def _nearest(fault: _Fault) -> Iterator[Edit]:
    lines, at, entry = fault.lines, fault.at, fault.entry
    name = _DID_YOU_MEAN.findall(fault.message)[0]
    words = dict.fromkeys(_NAME.findall(lines[at]))
    close = difflib.get_close_matches(name, words, n=3, cutoff=0.5)
    value = entry.value.strip(_QUOTES)
    if value[:1] not in ("{", "[") and difflib.get_close_matches(name, [value], cutoff=0.5):
        yield Edit(at, (entry.with_value(name),))
    for word in close:
        yield Edit(at, (replaced(lines[at], word, name),))
        yield Edit(at, (lines[at].replace(word, name, 1),))


def _with_unit(fault: _Fault) -> Iterator[Edit]:
    at, entry = fault.at, fault.entry
    value = entry.value.strip(_QUOTES)
    if found := _CLOCK.fullmatch(value):
        yield Edit(at, (entry.with_value(f"{int(found[1])}m{int(found[2])}s"),))
    compact = value.replace(" ", "")
    for text in (compact, f"{compact}s", re.sub(r"(\d)\s*(s|m|h|d)[a-z]+", r"\1\2", compact)):
        yield Edit(at, (entry.with_value(text),))
    for number in _NUMBER.findall(f"{entry.value}{entry.tail}"):
        whole = f"{entry.lead}{entry.key}{entry.value}{entry.tail}"
        yield Edit(at, (re.sub(rf"\b{re.escape(number)}\b(?![\w.])", f"{number}s", whole, count=1),))


def _one_of(fault: _Fault) -> Iterator[Edit]:
    at, entry = fault.at, fault.entry
    allowed = re.findall(r"'([^']*)'", _ONE_OF.findall(fault.message)[0])
    value = entry.value.strip(_QUOTES + "“”„‘’").lower()
    lower = {each.lower(): each for each in allowed}
    near = [lower[value]] if value in lower else difflib.get_close_matches(value, allowed, n=1)
    for each in near or (allowed if len(allowed) == 1 else ()):
        text = quoted(each) if re.fullmatch(r"[\d.]+|true|false|null|~", each) else each
        yield Edit(at, (entry.with_value(text),))


def _as_text(fault: _Fault) -> Iterator[Edit]:
    lines, at, entry = fault.lines, fault.at, fault.entry
    if entry.value:
        yield Edit(at, (entry.with_value(quoted(entry.value.strip(_QUOTES))),))
        yield Edit(
            at,
            (f"{entry.lead}{quoted(f'{entry.key}{entry.value}')}{entry.tail}",),
            "the text contains a colon, so it needs quotes",
        )
    for number in re.findall(r"(?<=[:,\[{ ])(?:[\d._:x-]+|true|false|null)(?=[,\]} ]|$)", lines[at]):
        yield Edit(
            at,
            (
                re.sub(
                    rf"(?<=[:,\[{{ ]){re.escape(number)}(?=[,\]}} ]|$)", quoted(number), lines[at], count=1
                ),
            ),
        )


def _as_list(fault: _Fault) -> Iterator[Edit]:
    lines, at, entry = fault.lines, fault.at, fault.entry
    if entry.value:
        yield Edit(at, (entry.with_value(f"[{entry.value}]"),))
        return
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or indent_of(lines[end]) > indent_of(lines[at])):
        end += 1
    block = [line for line in lines[at + 1 : end] if line.strip()]
    while block and block[0].lstrip().startswith("#"):
        block.pop(0)
    if not block:
        return
    at = lines.index(block[0], at + 1) - 1
    width = indent_of(block[0])
    cause = "its items need dashes"
    name = re.fullmatch(r"\s*([\w.-]+):\s*", block[0])
    if name:
        yield Edit(at + 1, (f"{' ' * max(width - 2, 0)}- id: {name[1]}",), cause)
        yield Edit(at + 1, (f"{' ' * width}- id: {name[1]}",), cause)
    dashed = (f"{' ' * width}- {block[0].lstrip()}", *(f"  {line}" for line in block[1:]))
    yield Edit(at + 1, dashed, cause, end - at - 1)


def _examples(fault: _Fault) -> Iterator[Edit]:
    lines, at, entry, message = fault
    key = re.split(r": (?:this key|must not)", message)[0].split(".")[-1].strip()
    example = _EXAMPLES.get(key)
    if example is None:
        return
    if "must not be empty" in message:
        lead = entry.lead
        yield Edit(at, (lead + example[0], *(" " * len(lead) + line for line in example[1:])))
        return
    inner = " " * (len(entry.lead) if entry.key else indent_of(lines[at]) + 2)
    yield Edit(at, (lines[at], *(inner + line for line in example)))
    yield Edit(at, (*example, lines[at]))


def _other_id(fault: _Fault) -> Iterator[Edit]:
    entry = fault.entry
    yield Edit(fault.at, (entry.with_value(f"{entry.value.strip(_QUOTES)}-2"),))


def _repeated(fault: _Fault) -> Iterator[Edit]:
    yield from dash(fault.lines, fault.at)
    yield Edit(fault.at, ())


def _no_line(fault: _Fault) -> Iterator[Edit]:
    yield Edit(fault.at, ())


def _a_file(fault: _Fault) -> Iterator[Edit]:
    yield Edit(0, _EXAMPLES["product_id"], span=len(fault.lines))


#: What each error suggests, by a part of its text.
_BY_MESSAGE: dict[str, Callable[[_Fault], Iterator[Edit]]] = {
    _DID_YOU_MEAN.pattern: _nearest,
    "has no unit|is not a duration": _with_unit,
    _ONE_OF.pattern: _one_of,
    "(?:have|has) the id '|is also the id of": _other_id,
    "must be a text|reads this as": _as_text,
    "must be a list": _as_list,
    "for the second time": _repeated,
    "must have a value": _no_line,
    "must not be empty|this key is required": _examples,
    "the file is empty": _a_file,
}
