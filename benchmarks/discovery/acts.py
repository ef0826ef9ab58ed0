"""Acts: single things that a person does on a page, and the language in which an app's file writes them.

``click "Save changes|Änderungen speichern" =project-save ~80% !`` is a click on a control with a label in two
languages and a DOM id. ``~80%`` says how often it is part of the task, and ``!`` that the task is not
recognisable without it. ``view /projects/:id`` opens a page; the acts after it happen there. A label may
contain ``{name}`` (of the record), ``{n}`` (any number) and ``{k}`` (how many records are selected). An id
may contain ``{id}`` (of the record) and ``{gen}`` (generated anew by each page load).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Act", "Step", "flat", "read_act", "read_acts"]

_LINE = re.compile(
    r"(?:(?P<kind>view|click|type|submit|select) )?(?P<page>/\S*)?\s*(?:\"(?P<label>[^\"]*)\")?"
    r"\s*(?:=(?P<element>\S+))?\s*(?:~(?P<share>\d+)%)?\s*(?P<key>!)?"
)


@dataclass(frozen=True, slots=True)
class Act:
    """One act.

    Args:
        kind: ``view``, ``click``, ``type``, ``submit``, or ``select`` (a click for each selected record).
        page: canonical path of the page on which it happens; for ``view``, of the page that opens.
        labels: the control's label in the app's languages; empty for ``view``.
        element: the DOM id; empty if the control has none.
        share: in which share (0 to 1) of the times the act is done.
        is_key: whether nobody can recognise the task without this act.
    """

    kind: str
    page: str
    labels: tuple[str, ...] = ()
    element: str = ""
    share: float = 1.0
    is_key: bool = False


#: An act, or acts that people do in any order, as the fields of a form.
Step = Act | tuple[Act, ...]


def read_act(line: str, page: str = "", kind: str = "click") -> Act:
    """Read one line.

    Args:
        line: the line.
        page: the page on which it happens, if the line does not name one.
        kind: the kind, if the line does not begin with one.

    Raises:
        ValueError: the line has another form.
    """
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise ValueError(f"not an act: {line!r}")
    labels = tuple(match["label"].split("|")) if match["label"] else ()
    share = int(match["share"]) / 100 if match["share"] else 1.0
    return Act(
        match["kind"] or kind,
        match["page"] or page,
        labels,
        match["element"] or "",
        share,
        match["key"] is not None,
    )


def read_acts(lines: Iterable[str | list[str]], page: str) -> tuple[Step, ...]:
    """Read a task's lines; a list among them is a group of acts in any order.

    Args:
        lines: the lines.
        page: the page on which the task begins.
    """
    steps = list[Step]()
    for line in lines:
        if isinstance(line, list):
            steps.append(tuple(read_act(each, page) for each in line))
            continue
        act = read_act(line, page)
        page = act.page
        steps.append(act)
    return tuple(steps)


def flat(steps: Iterable[Step]) -> Iterator[Act]:
    """Yield the acts of steps, in order."""
    for step in steps:
        if isinstance(step, Act):
            yield step
        else:
            yield from step
