"""The ten workflows, as a person does them: by pointer and keyboard."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DEMO", "DIALOGS", "NEXT", "SHADOW", "VUE", "Act", "Workflow"]


class Act(NamedTuple):
    """One act of a person.

    Args:
        kind: ``click``; ``type`` (click into the field, type, press Tab); ``choose`` (the next one, by
            keyboard); ``press`` (a key, on the focused element).
        target: the element, for Playwright.
        text: what is typed, or the key.
    """

    kind: str
    target: str
    text: str = ""


class Workflow(NamedTuple):
    """A workflow.

    Args:
        name: for people.
        page: the address in the app where it begins.
        acts: what the person does.
        done: an element that shows that the workflow is done.
    """

    name: str
    page: str
    acts: tuple[Act, ...]
    done: str


def _bulk_edit(page: str, done: str) -> Workflow:
    return Workflow(
        "change several projects",
        page,
        (
            Act("click", "#projects-table-options"),
            Act("click", "#projects-bulk-edit-toggle"),
            Act("click", "#project-checkbox-P-1042"),
            Act("click", "#project-checkbox-P-1045"),
            Act("choose", "#bulk-priority"),
            Act("click", "#bulk-apply"),
        ),
        done,
    )


def _edit(page: str, done: str) -> Workflow:
    return Workflow(
        "change one project",
        page,
        (
            Act("click", "[aria-label^='Edit Customer portal']"),
            Act("choose", "#edit-priority"),
            Act("click", "#edit-save"),
        ),
        done,
    )


DEMO = (_bulk_edit("projects", "#confirmation >> text=now"), _edit("projects", "#confirmation >> text=now"))
NEXT = (_bulk_edit("projects", ".confirmation >> text=now"), _edit("projects", ".confirmation >> text=now"))
VUE = (
    Workflow(
        "invite a member",
        "team",
        (
            Act("click", "[data-testid=invite-open] b"),
            Act("type", "[name=email]", "linus@example.com"),
            Act("choose", "[name=role]"),
            Act("click", "[data-testid=invite-send]"),
        ),
        "text=Invited.",
    ),
    Workflow(
        "share a board",
        "team",
        (
            Act("click", "role=tab[name=Boards]"),
            Act("click", "role=combobox[name=Board]"),
            Act("click", "role=option[name=Budget]"),
            Act("click", "role=switch[name=Public]"),
            Act("click", "text=Share the board"),
        ),
        "text=Shared.",
    ),
)
DIALOGS = (
    Workflow(
        "make a report (native dialog)",
        "reports",
        (
            Act("click", "#new-report"),
            Act("type", "#report-name", "Third quarter"),
            Act("choose", "#report-kind"),
            Act("click", "#report-create"),
        ),
        "#made:has-text('Made')",
    ),
    Workflow(
        "delete files (ARIA dialog)",
        "reports",
        (
            Act("click", "#file-11-tick"),
            Act("click", "text=plan.pdf"),
            Act("click", "#delete-files"),
            Act("press", "#confirm-sure", "Space"),
            Act("click", "#confirm-delete"),
        ),
        "#files:not(:has-text('plan.pdf'))",
    ),
)
SHADOW = (
    Workflow(
        "get the weekly e-mail (shadow roots)",
        "account/settings",
        (
            Act("click", "role=switch[name='Weekly e-mail']"),
            Act("choose", "[data-testid=language]"),
            Act("click", "[data-testid=save-settings]"),
        ),
        "text=Saved.",
    ),
    Workflow(
        "change the plan (keyboard, two pages)",
        "account/settings",
        (
            Act("press", "role=button[name='Account menu']", "Enter"),
            Act("press", "role=menuitem[name=Billing]", "Enter"),
            Act("press", "role=radio[name=Team]", "Space"),
            Act("press", "role=button[name=Confirm]", "Enter"),
        ),
        "text=Your plan is changed.",
    ),
)
