"""A small web app with six workflows, their golden paths, and thirty changes of its interface."""

from support.changing_app.changes import CHANGES, Change, Replacement
from support.changing_app.server import served_changing_app
from support.changing_app.workflows import GOLDEN_PATHS, WORKFLOWS, Act

__all__ = ["CHANGES", "GOLDEN_PATHS", "WORKFLOWS", "Act", "Change", "Replacement", "served_changing_app"]
