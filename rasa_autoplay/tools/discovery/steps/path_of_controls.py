"""Drafts the golden path of a way."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from rasa_autoplay.engine.knowledge.drafting import Draft, DraftStep
from rasa_autoplay.tools.discovery.findings.path_draft import path_of_acts
from rasa_autoplay.tools.discovery.steps.controls import Control

__all__ = ["path_of_controls"]


def path_of_controls(controls: Sequence[Control], optional: Collection[int] = ()) -> Draft | None:
    """Draft a golden path; None if the controls give no step.

    Args:
        controls: in order.
        optional: the places of those that a part of the users left out.
    """
    drafts = [path_of_acts([control.act]) for control in controls]
    taken: set[str] = set()
    steps: list[DraftStep] = []
    for place, (control, draft) in enumerate(zip(controls, drafts, strict=True)):
        for step in draft.steps if draft else ():
            settings = {**step.settings, "id": _unused(step.settings["id"], taken)}
            if control.begins:
                settings["title"] = f"{control.begins.strip()} …"
                settings["text"] = f"{control.begins.strip()} …"
                settings.pop("label", None)
                title = {"regex": f"^{re.escape(control.begins.strip())}"}
                settings["done_when"] = {**settings["done_when"], "title": title}
            if place in optional and place + 1 < len(controls):
                settings["optional"] = True
            steps.append(replace(step, settings=settings))
    return Draft(steps[0].page, tuple(steps)) if steps else None


def _unused(name: str, taken: set[str]) -> str:
    numbered = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    slug = next(each for each in numbered if each not in taken)
    taken.add(slug)
    return slug
