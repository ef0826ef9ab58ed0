"""Proposals written by hand, or rather by the truth: right, vague, wrong and hostile ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.discovery.acts import Act
from benchmarks.discovery.truth import Truth

__all__ = ["named", "right", "write"]

_VERBS = {"click": "Click", "select": "Click", "type": "Change", "submit": "Click"}


def named(act: Act, language: int = 0) -> str:
    """Return the name that ``evidence.json`` gives an act."""
    if act.kind == "view":
        return f"Open {act.page}"
    label = act.labels[min(language, len(act.labels) - 1)]
    return f"{_VERBS[act.kind]} {label.replace('{name}', 'Acme Ltd').replace('{n}', '*').replace('{k}', '*')}"


def write(folder: Path, trigger: object, path: object = None, evidence: object = None) -> None:
    """Write a proposal's folder."""
    folder.mkdir(parents=True)
    (folder / "trigger.yml").write_text(yaml.safe_dump(trigger), encoding="utf-8")
    if path is not None:
        (folder / "path.yml").write_text(yaml.safe_dump(path), encoding="utf-8")
    if evidence is not None:
        (folder / "evidence.json").write_text(json.dumps(evidence), encoding="utf-8")


def right(folder: Path, truth: Truth, language: int = 0) -> None:
    """Write the proposal that a person would write who knows the truth."""
    name = f"{truth.id.lower()}-{language}"
    fast = truth.slow if truth.kind in ("workflow", "stall") else truth.fast
    page = next((act.page for act in truth.slow if act.labels == truth.at), truth.entry)
    evidence = {
        "kind": truth.kind,
        "page": page,
        "found": {
            "slow_way": {"acts": [named(act, language) for act in truth.slow]},
            "fast_way": {"acts": [named(act, language) for act in fast]},
        },
    }
    trigger = {"id": name, "when": {"on_page": page}}
    path = {"id": name, "steps": _steps(fast, language)} if fast else None
    write(folder / name, trigger, path, evidence)


def _steps(acts: Sequence[Act], language: int) -> list[dict[str, Any]]:
    return [{"id": f"s{at}", "done_when": _done(act, language)} for at, act in enumerate(acts)]


def _done(act: Act, language: int) -> dict[str, Any]:
    page = {"page": {"exact": act.page}}
    if act.kind == "view":
        return {"type": "pageview", **page}
    if act.element and "{gen}" not in act.element:
        return {"element_id": act.element.replace("{id}", "*")}
    return {"title": {"exact": named(act, language)}, **page}
