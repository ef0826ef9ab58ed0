"""Drafts a golden path from acts, as ``engine/knowledge/drafting.py`` does from one session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_autoplay.engine.knowledge.drafting import Draft, DraftStep, draft_of
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.discovery.findings.finding import Act
from rasa_autoplay.tools.discovery.findings.trigger_settings import pattern_of

__all__ = ["path_of_acts"]

#: Seconds between the acts of a draft: far enough apart that none counts as caused by the one before it.
_APART_S = 60.0


def path_of_acts(acts: Sequence[Act]) -> Draft | None:
    """Draft a golden path; None if the acts give no step.

    Args:
        acts: the acts in order; page views are steps only if no act led to them.
    """
    actions = [
        SlimAction(
            act.title or act.element_id,
            "",
            act.page,
            index=place,
            type=act.type,
            timestamp_start=place * _APART_S,
            element_id=act.element_id,
        )
        for place, act in enumerate(acts)
    ]
    draft = draft_of(actions)
    if not draft.steps:
        return None
    others = {act.title: act for act in acts if act.also}
    steps = (_in_all_languages(_with_stars(step), step, others) for step in draft.steps)
    return Draft(draft.page, tuple(steps), draft.left_out)


def _in_all_languages(step: DraftStep, drafted: DraftStep, acts: Mapping[str, Act]) -> DraftStep:
    """Make a step fit all titles of its act."""
    done_when = drafted.settings["done_when"]
    title = done_when.get("title") if isinstance(done_when, dict) else None
    act = acts.get(title["exact"]) if isinstance(title, dict) and "exact" in title else None
    if act is None:
        return step
    settings = {
        **step.settings,
        "done_when": {**step.settings["done_when"], "title": pattern_of(act)["title"]},
    }
    return DraftStep(settings, step.page, step.notes)


def _with_stars(step: DraftStep) -> DraftStep:
    """Make a step fit any number where its act has ``*``: no element can be shown for it."""
    settings: dict[str, Any] = dict(step.settings)
    done_when = settings["done_when"]
    if any(wild in str(settings.get("element", "")) for wild in "*…"):
        del settings["element"]
        settings.pop("label", None)
    if isinstance(done_when, dict) and "element_id" in done_when:
        settings["done_when"] = {"element_id": done_when["element_id"].replace("…", "*")}
    title = done_when.get("title") if isinstance(done_when, dict) else None
    if isinstance(title, dict) and any(wild in title.get("exact", "") for wild in "*…"):
        pattern = pattern_of(Act("", "", title["exact"], ""))
        settings["done_when"] = {**done_when, "title": pattern["title"]}
    for name in ("title", "label", "text"):
        if isinstance(settings.get(name), str):
            settings[name] = " ".join(settings[name].replace("*", " … ").split())
    return DraftStep(settings, step.page, step.notes)
