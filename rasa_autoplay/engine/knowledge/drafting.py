"""Drafts a golden path from the actions of one session.

Repeated actions on a control become one step. A step is identified by its element's id, in which ``*``
replaces a number or UUID if several ids differ only in that; or by title and page if there is no id. The
draft leaves out focus and blur, failures, page views caused by the action before them, and detours: actions
that are not in the session's best attempt. So a session always completes its own draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_results import PathResult, path_results_of
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.events.element_ids import is_generated_id
from rasa_autoplay.events.models import SlimAction

__all__ = ["Draft", "DraftStep", "draft_of", "masked_id", "path_of", "proof_of"]

_MAX_TEXT = 120
_MAX_SLUG = 40
#: A page view so soon after another was a redirect, not an action (seconds).
_REDIRECT_S = 2.0
#: A submit so soon after a click was caused by that click (seconds).
_SAME_ACT_S = 1.0

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_VARYING = re.compile(rf"{_UUID}|\d+")
_ORIGIN = re.compile(r"^[a-z][a-z0-9+.\-]*://[^/]*", re.IGNORECASE)
_PLAIN_ID = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_ACTS = frozenset({"click", "submit", "type", ""})
#: Beginnings of titles, and the instructions made from them.
_VERBS = {
    "Click ": 'Press "{}".',
    "Change ": 'Fill in or choose "{}".',
    "Submit ": 'Send "{}".',
    "Page load: ": 'Open the page "{}".',
}
#: What people should check in a step without an element.
_NOTES = {
    "title": 'the element has no stable id: add `element: "a CSS selector"` to show it in the tour',
    "page": "no captured action led to this page: is it part of the workflow?",
    "field": "if this field is preset and can stay as it is, add `optional: true`",
}


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One step.

    Args:
        settings: the step in a golden path's file: ``{id, title, element?, label?, text, done_when}``.
        page: the page of the action; empty if unknown.
        notes: what people should check.
    """

    settings: dict[str, Any]
    page: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, from which a golden path's file is written.

    Args:
        page: path of the URL where the workflow began; empty if unknown.
        steps: in order; empty if no action can be a step.
        left_out: titles of the actions that were left out as detours.
    """

    page: str
    steps: tuple[DraftStep, ...] = ()
    left_out: tuple[str, ...] = ()


def draft_of(actions: Iterable[SlimAction]) -> Draft:
    """Draft the path that a session followed.

    Args:
        actions: the actions of one session, in any order.
    """
    ordered = sorted(actions, key=lambda action: (action.timestamp_start, action.index))
    acts = _meaningful(ordered)
    masks: dict[str, set[str]] = {}
    for act in filter(_has_id, acts):
        masks.setdefault(masked_id(act.element_id), set()).add(act.element_id)
    groups: dict[tuple[str, str], list[SlimAction]] = {}
    for act in acts:
        groups.setdefault(_control(act, masks), []).append(act)
    steps = list(_steps(groups))
    kept = _completed_by(ordered, steps)
    dropped = tuple(step.settings["title"] for step in steps if step not in kept)
    return Draft(kept[0].page if kept else "", tuple(kept), dropped)


def proof_of(action: SlimAction) -> dict[str, Any]:
    """Return the ``done_when`` that this action proves, as in a golden path's file; empty without a name."""
    if _has_id(action):
        return {"element_id": action.element_id}
    return _by_title(action) if action.title.strip() else {}


def _meaningful(ordered: Iterable[SlimAction]) -> list[SlimAction]:
    """Return the actions on controls, and the page views that no such action caused."""
    named = [a for a in ordered if not a.signal and a.type in (*_ACTS, "pageview") and _has_name(a)]
    acts = [at for at, action in enumerate(named) if action.type != "pageview"]
    if not acts:
        return []
    # Pages opened before the first such action or after the last one are not part of the workflow.
    between = range(acts[0] + 1, acts[-1] + 1)
    return [named[acts[0]], *(named[i] for i in between if not _follows_from(named[i], named[i - 1]))]


def _has_name(action: SlimAction) -> bool:
    return bool(action.title.strip()) or _has_id(action)


def _has_id(action: SlimAction) -> bool:
    """Whether the element has a stable id that can be written to the file."""
    found = action.element_id
    return (
        found.isprintable()
        and bool(found)
        and found == found.strip()
        and "${" not in found
        and not (is_generated_id(found))
    )


def _follows_from(action: SlimAction, before: SlimAction) -> bool:
    """Whether an action was only caused by the one before it."""
    passed_s = action.timestamp_start - before.timestamp_start
    if action.type == "submit":
        return before.type == "click" and passed_s <= _SAME_ACT_S
    if action.type != "pageview":
        return False
    same = action.canonical_url == before.canonical_url
    return before.type != "pageview" or same or passed_s <= _REDIRECT_S


def masked_id(element_id: str) -> str:
    """Return the id with ``*`` for each number or UUID, as ``static/elements/stable_names.js`` does."""
    return _VARYING.sub("*", element_id)


def _control(act: SlimAction, masks: dict[str, set[str]]) -> tuple[str, str]:
    """Return what the actions of one step share: the kind (id, title or page) and its value."""
    page = path_of(act.canonical_url)
    if act.type == "pageview":
        return "page", page or act.title
    if not _has_id(act):
        return "title", f"{act.title} {page}"
    mask = masked_id(act.element_id)
    return "id", mask if len(masks[mask]) > 1 else act.element_id


def path_of(url: str) -> str:
    """Return a page without its host, which differs between test and production systems."""
    return (_ORIGIN.sub("", url) or "/") if url else ""


def _steps(groups: dict[tuple[str, str], list[SlimAction]]) -> Iterable[DraftStep]:
    taken: set[str] = set()
    for (kind, control), group in groups.items():
        # If a field was clicked and then filled in, the second action describes the step.
        act = next((a for a in group if a.type == "type"), group[0])
        words = _words(act, alone=len({a.element_id for a in group}) == 1)
        page = path_of(group[0].canonical_url)
        named = {"id": _slug(words["title"], taken), **words}
        # A recording does not show whether the value had to be entered.
        field = (_NOTES["field"],) if act.type == "type" else ()
        if kind == "id":
            element = _element(act.element_id)
            notes = (*_notes_on_ids(control, group, element), *field)
            yield DraftStep({**named, **element, "done_when": {"element_id": control}}, page, notes)
        else:
            yield DraftStep({**named, "done_when": _by_title(act)}, page, (_NOTES[kind], *field))


def _words(act: SlimAction, *, alone: bool) -> dict[str, str]:
    title = _shown(act.title)
    verb = next((verb for verb in _VERBS if title.startswith(verb) and title != verb.strip()), "")
    name = title.removeprefix(verb)
    heading = f"Open {name}" if act.type == "pageview" and verb else name[:1].upper() + name[1:]
    label = {"label": name} if verb and alone and act.type != "pageview" else {}
    return {"title": heading, **label, "text": _VERBS.get(verb, "{}.").format(name)}


def _shown(text: str) -> str:
    """Make a text fit for the file: one short line without variables."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split()).replace("${", "$ {")
    return (line if len(line) <= _MAX_TEXT else f"{line[: _MAX_TEXT - 1]}…") or "Step"


def _slug(title: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", title.lower())[:_MAX_SLUG].strip("-") or "step"
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    slug = next(name for name in numbered if name not in taken)
    taken.add(slug)
    return slug


def _by_title(act: SlimAction) -> dict[str, Any]:
    page = path_of(act.canonical_url)
    # A page view is identified by its URL, so its title is not needed.
    pattern = {"type": "pageview"} if act.type == "pageview" and page else {"title": _exactly(act.title)}
    return {**pattern, "page": _exactly(page)} if page else pattern


def _exactly(text: str) -> dict[str, str]:
    if text.isprintable() and "${" not in text:
        return {"exact": text}
    # These characters cannot be written to the file as they are.
    parts = (re.escape(c) if c.isprintable() else "[^ -~]" for c in text)
    return {"regex": f"^{''.join(parts)}$"}


def _element(element_id: str) -> dict[str, str]:
    if "[" in element_id:  # personal data was masked in it
        return {}
    if _PLAIN_ID.fullmatch(element_id):
        return {"element": f"#{element_id}"}
    quoted = element_id.replace("\\", "\\\\").replace('"', '\\"')
    return {"element": f'[id="{quoted}"]'}


def _notes_on_ids(control: str, group: Sequence[SlimAction], element: object) -> tuple[str, ...]:
    ids = sorted({act.element_id for act in group})
    notes = []
    if len(ids) > 1:
        named = f"{', '.join(ids[:3])}{', …' if len(ids) > 3 else ''}"
        notes.append(f"{len(ids)} elements did this step ({named}): say in the text that any of them will do")
    elif masked_id(control) != control:
        notes.append("the id contains a number: replace it by * if any such element will do")
    return tuple(notes if element else [*notes, _NOTES["title"]])


def _completed_by(ordered: Sequence[SlimAction], steps: Sequence[DraftStep]) -> list[DraftStep]:
    """Return the steps of the session's best attempt, in order."""
    kept = list(steps)
    while kept:
        result = _result(ordered, kept)
        done = [step for step in result.steps if step.done] if result else []
        if len(done) == len(kept):
            break
        by_id = {step.settings["id"]: step for step in kept}
        kept = [by_id[step.step_id] for step in sorted(done, key=lambda step: step.done[0])]
    return kept


def _result(ordered: Sequence[SlimAction], steps: Sequence[DraftStep]) -> PathResult | None:
    path = GoldenPath.parse_obj({"id": "draft", "title": "Draft", "steps": [step.settings for step in steps]})
    tracker = PathTracker([path])
    evidence: EvidenceByPath = {}
    for action in ordered:
        tracker.record(action, evidence)
    return next(iter(path_results_of(tracker, evidence)), None)
