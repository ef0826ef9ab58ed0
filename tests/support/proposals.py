"""Writes folders of proposals, as ``rasa-autoplay discover`` does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["BACKTEST", "write_proposal"]

#: A back-test that speaks for the trigger.
BACKTEST = {"fires": 120, "fires_per_user_day": 0.2, "found_share": 0.1}
_TRIGGER = """\
# 40 users change projects one by one.
id: {id}
when:
  all:
    - on_page: /projects
    - count: {{title: save changes, page: /projects, at_least: 3, within: 120s}}
body: "May I show you a quicker way?"  # by hand
goal: {{count: {{title: apply to all, at_least: 1}}, within: 1d}}
"""
_PATH = """\
id: {id}
title: Change several projects together
steps:
  - {{id: select, title: select all, text: "Select the projects."}}
"""


def write_proposal(
    root: Path, proposal_id: str, *, trigger: str = _TRIGGER, path: str = "", backtest: Any = BACKTEST
) -> Path:
    """Write a proposal; return its folder.

    Args:
        root: the folder of proposals.
        proposal_id: the proposal's id, which replaces ``{id}`` in the texts.
        trigger: ``trigger.yml``.
        path: ``path.yml``; empty for none, "default" for a short one.
        backtest: the back-test in ``evidence.json``; None for none.
    """
    folder = root / proposal_id
    folder.mkdir(parents=True)
    text = trigger.format(id=proposal_id)
    if path:
        text += f"golden_path: {proposal_id}\n"
        own = _PATH if path == "default" else path
        (folder / "path.yml").write_text(own.format(id=proposal_id))
    (folder / "trigger.yml").write_text(text)
    evidence = {"title": "Users change projects one by one", **({"backtest": backtest} if backtest else {})}
    (folder / "evidence.json").write_text(json.dumps(evidence))
    return folder
