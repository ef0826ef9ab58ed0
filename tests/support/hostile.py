"""Texts that would run in a careless browser, wherever our texts are shown."""

from __future__ import annotations

import json
import shutil

from support.processes import ROOT
from support.project import Project

__all__ = ["BUTTON", "CANARY", "HOSTILE", "add_hostile_texts"]

#: What the texts would set on ``window`` if they ran.
CANARY = "hacked"
#: The texts in HTML and in Markdown.
HOSTILE = (
    f"<img src=x onerror=\"window.{CANARY}='html'\"><script>window.{CANARY}='script'</script>"
    f"[click](javascript:window.{CANARY}='link') ![picture](javascript:window.{CANARY}='image') "
    f"<a href=\"javascript:window.{CANARY}='a'\">here</a> &lt;b&gt;"
)
#: A click on a button with this text makes the offer.
BUTTON = "Read the fine print"

# In the project's own folder, where a team's triggers are.
_MODULE = f"""
from rasa_autoplay.engine.triggers.decorators import only_events, title_contains

_is_asked_for = title_contains({BUTTON.lower()!r})


@only_events
def hostile_opportunity(ctx):
    return any(map(_is_asked_for, ctx.recent_actions))
"""


def add_hostile_texts(project: Project) -> None:
    """Let a project offer them: as the toast's text, in a tour, and in the steps explained in the chat."""
    folder = project.folder / "golden_paths"
    shutil.copytree(ROOT / "example_bot" / "golden_paths", folder)
    step = {"title": HOSTILE, "text": HOSTILE, "tooltip": HOSTILE}
    path = {
        "id": "hostile",
        "title": HOSTILE,
        "page": "/projects",
        "steps": [
            {"id": "one", "element": "#projects-table-options", **step},
            {"id": "two", "element": "#status-filter", **step},
        ],
    }
    # JSON is YAML too.
    (folder / "hostile.yml").write_text(json.dumps(path), encoding="utf-8")
    (project.folder / "hostile_triggers.py").write_text(_MODULE, encoding="utf-8")
    project.autoplay["golden_paths"] = "golden_paths"
    project.autoplay["triggers"].append(
        {
            "predicate": "hostile_triggers:hostile_opportunity",
            "id": "hostile",
            "body": HOSTILE,
            "golden_path": "hostile",
        }
    )
