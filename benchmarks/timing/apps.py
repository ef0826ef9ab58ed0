"""The five simulated apps: their pages, workflows and slow ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["APPS", "App", "Step", "Workflow", "app_of"]


@dataclass(frozen=True, slots=True)
class Step:
    """One act of a workflow.

    Args:
        element: DOM id of the element.
        label: the element's text.
        page: path of the page, with ``:id`` for ids.
        writes: whether the user writes into the element; else they click it.
    """

    element: str
    label: str
    page: str
    writes: bool = False

    @property
    def title(self) -> str:
        """The act's title, as trackers word it."""
        return f"Enter {self.label}" if self.writes else f"Click {self.label}"


@dataclass(frozen=True, slots=True)
class Workflow:
    """What users do in an app.

    Args:
        id: unique in the app.
        title: its name.
        steps: in order.
    """

    id: str
    title: str
    steps: tuple[Step, ...]

    @property
    def page(self) -> str:
        """The page where it begins."""
        return self.steps[0].page


@dataclass(frozen=True, slots=True)
class App:
    """One app.

    Args:
        id: also its host: ``https://ID.example.com``.
        pages: paths.
        workflows: the fast way of the slow one first.
        slow_way: the acts on each record that the first workflow replaces.
    """

    id: str
    pages: tuple[str, ...]
    workflows: tuple[Workflow, ...]
    slow_way: tuple[Step, ...]

    @property
    def fast_way(self) -> Workflow:
        """The workflow that replaces the slow way."""
        return self.workflows[0]

    def url(self, page: str) -> str:
        """Return the canonical URL of a page."""
        return f"https://{self.id}.example.com{page}"

    def as_dict(self) -> dict[str, Any]:
        """Describe the app to contestants, without the slow way."""
        return {
            "id": self.id,
            "pages": [self.url(page) for page in self.pages],
            "workflows": [
                {
                    "id": workflow.id,
                    "title": workflow.title,
                    "page": self.url(workflow.page),
                    "steps": [
                        {"element": step.element, "title": step.title, "page": self.url(step.page)}
                        for step in workflow.steps
                    ],
                }
                for workflow in self.workflows
            ],
        }


_FILE = Path(__file__).with_name("apps.txt")


def _read(text: str) -> Iterator[App]:
    """Read ``apps.txt``, which explains its form."""
    for part in text.split("\napp ")[1:]:
        name, pages, *sections = _sections(part)
        workflows = []
        for (head, page, *title), steps in sections[1:]:
            workflows.append(Workflow(head, " ".join(title), _steps(page, steps)))
        (page,), slow = sections[0]
        yield App(name[0][0], tuple(pages[0]), tuple(workflows), _steps(page, slow))


def _sections(part: str) -> list[tuple[list[str], list[str]]]:
    """Split an app's lines into its sections: the words of the heading, and the lines below it."""
    sections: list[tuple[list[str], list[str]]] = []
    for number, line in enumerate(part.strip().splitlines()):
        if line.startswith("  "):
            sections[-1][1].append(line.strip())
        else:
            sections.append((line.split(" ")[min(number, 1) :], []))
    return sections


def _steps(page: str, lines: list[str]) -> tuple[Step, ...]:
    steps = []
    for line in lines:
        words = line.split(" ")
        if words[0].startswith("/"):
            page, *words = words
        mark, element = words[0][0], words[0][1:]
        steps.append(Step(element, " ".join(words[1:]), page, writes=mark == "~"))
    return tuple(steps)


APPS: tuple[App, ...] = tuple(_read(_FILE.read_text(encoding="utf-8")))

_BY_ID = {app.id: app for app in APPS}


def app_of(app_id: str) -> App:
    """Return an app by its id."""
    return _BY_ID[app_id]
