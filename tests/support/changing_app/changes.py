"""Thirty changes of the app's interface, as its developers might make them.

A change edits the app's source and says which step of which golden path it breaks, what a user who still
succeeds does now, and what the step should point at instead. ``tests/browser/verify/test_changing_app.py``
proves all of this in Chromium.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from support.changing_app.workflows import WORKFLOWS, Act, Workflow

__all__ = ["CHANGES", "Change", "Kind", "Replacement"]

#: What is wrong with a step on the changed page: no element matches; the element is not shown; more than one
#: matches; its name is not the label; it is disabled; something covers it; using it proves nothing.
Kind = Literal["missing", "hidden", "ambiguous", "renamed", "disabled", "covered", "unproven"]


@dataclass(frozen=True)
class Replacement:
    """What a changed step should point at.

    Args:
        element: selector of the right element; of several, any is right.
        label: its accessible name.
        page: its page, if that is another one than the step's.
    """

    element: str
    label: str
    page: str = ""


@dataclass(frozen=True)
class Change:
    """One change.

    Args:
        id: for ``?change=id``.
        what: the change in words.
        path_id: the golden path that it breaks.
        step_id: the step that it breaks.
        kind: what is wrong with the step.
        edits: texts of page.html and app.js, and what replaces each; each text occurs once.
        does: the acts of the steps in which a user who succeeds does something else now.
        replacement: what the step should point at; None if the app no longer needs the step.
    """

    id: str
    what: str
    path_id: str
    step_id: str
    kind: Kind
    edits: tuple[tuple[str, str], ...]
    does: Workflow = field(default_factory=dict)
    replacement: Replacement | None = None

    @property
    def workflow(self) -> Workflow:
        """What a user does in each step now."""
        return {**WORKFLOWS[self.path_id], **self.does}

    @property
    def shows_in_traffic(self) -> bool:
        """Whether an action of the broken step is no longer captured as it was."""
        before = WORKFLOWS[self.path_id][self.step_id]
        now = [act.captured for acts in self.workflow.values() for act in acts]
        return any(act.captured not in now for act in before)


def _click(target: str, page: str, title: str, element_id: str = "") -> tuple[Act, ...]:
    return (Act("click", target, page, title, element_id),)


def _change(target: str, page: str, title: str, element_id: str = "") -> tuple[Act, ...]:
    return (Act("change", target, page, title, element_id),)


def _button(attributes: str, content: str) -> str:
    return f'<button type="button" {attributes}>{content}</button>'


_NEW_ORDER = _button('id="order-new" data-opens="order-dialog"', "New order")
_CREATE = _button('id="order-save" data-closes="order-dialog" data-says="Created."', "Create order")
_CANCEL = _button('id="order-cancel" data-closes="order-dialog"', "Cancel")
_FILTERS = _button('id="filters" data-toggles="filter-panel" aria-expanded="false"', "Filters")
_APPLY = _button('id="filter-apply" data-says="Filtered."', "Apply filters")
_OPTIONS = _button(
    'id="orders-options" aria-label="Table options" aria-haspopup="menu" data-menu="orders-menu"', "⋯"
)
_BULK = _button('role="menuitem" id="orders-bulk" data-bulk', "Select several")
_DOWNLOAD = _button('id="report-download" data-says="Downloaded."', "Download CSV")
_EMAIL = '<label><input type="checkbox" id="notify-email" /> Email me about new orders</label>'
_SEND = _button('class="invite-send primary" data-says="Invited."', "Send invite")
_FREQUENCY = '<select id="notify-frequency"><option>Every day</option><option>Every week</option></select>'
_MENU_TEMPLATE = '<template data-page="reports">'


def _renamed() -> list[Change]:
    """The element is the same, and its name is another."""
    return [
        Change(
            "renamed-label",
            "a button has another text",
            "new-order",
            "open",
            "renamed",
            ((">New order</button>", ">Create an order</button>"),),
            {"open": _click("#order-new", "/orders", "Click Create an order", "order-new")},
            Replacement("#order-new", "Create an order"),
        ),
        Change(
            "renamed-tab",
            "a tab has another text",
            "invite-member",
            "tab",
            "renamed",
            ((">Invitations</button>", ">Pending people</button>"),),
            {"tab": _click("#tab-invites", "/team", "Click Pending people", "tab-invites")},
            Replacement("#tab-invites", "Pending people"),
        ),
        Change(
            "other-language",
            "the navigation is in German",
            "monthly-report",
            "reports",
            "renamed",
            ((">Reports</a>", ">Berichte</a>"),),
            {"reports": _click("#nav-reports", "/orders", "Click Berichte", "nav-reports")},
            Replacement("#nav-reports", "Berichte"),
        ),
        Change(
            "text-to-aria-label",
            "a button shows a sign, and its text is an aria-label in other words",
            "filter-orders",
            "filters",
            "renamed",
            (
                (
                    'data-toggles="filter-panel" aria-expanded="false">Filters<',
                    'data-toggles="filter-panel" aria-expanded="false" aria-label="Filter the list">▽<',
                ),
            ),
            {"filters": _click("#filters", "/orders", "Click Filter the list", "filters")},
            Replacement("#filters", "Filter the list"),
        ),
        Change(
            "ids-swapped",
            "two buttons have each other's id",
            "new-order",
            "create",
            "renamed",
            (
                (_CANCEL, _CANCEL.replace("order-cancel", "order-save")),
                (_CREATE, _CREATE.replace("order-save", "order-cancel")),
            ),
            {"create": _click("text=Create order", "/orders", "Click Create order", "order-cancel")},
            Replacement("#order-cancel", "Create order"),
        ),
    ]


def _other_selector() -> list[Change]:
    """The control is there, and the step's selector no longer finds it."""
    return [
        Change(
            "changed-id",
            "a button has another id",
            "new-order",
            "create",
            "missing",
            ((_CREATE, _CREATE.replace("order-save", "create-button")),),
            {"create": _click("#create-button", "/orders", "Click Create order", "create-button")},
            Replacement("#create-button", "Create order"),
        ),
        Change(
            "generated-id",
            "a component library generates a tab's id",
            "invite-member",
            "tab",
            "missing",
            (('id="tab-invites"', 'id="radix-:r3:-trigger-invites"'),),
            {"tab": _click("text=Invitations", "/team", "Click Invitations", "radix-:r3:-trigger-invites")},
            Replacement('[id="radix-:r3:-trigger-invites"]', "Invitations"),
        ),
        Change(
            "test-id-changed",
            "an icon button has another test id",
            "monthly-report",
            "month",
            "missing",
            (('data-testid="period-month"', 'data-testid="range-month"'),),
            {"month": _click("[data-testid=range-month]", "/reports", "Click range month")},
            Replacement("[data-testid=range-month]", "This month"),
        ),
        Change(
            "class-gone",
            "the styles are generated now, and the button has another text",
            "invite-member",
            "send",
            "missing",
            (
                (
                    _SEND,
                    '<button type="button" class="css-1q8z7" data-says="Invited.">Send invitation</button>',
                ),
            ),
            {"send": _click(".css-1q8z7", "/team", "Click Send invitation")},
            Replacement(".css-1q8z7", "Send invitation"),
        ),
        Change(
            "row-ids",
            "the ids of the rows' checkboxes are built in another way",
            "archive-orders",
            "tick",
            "missing",
            (("`order-check-${number.textContent}`", "`row-${number.textContent}-check`"),),
            {
                "tick": (
                    *_click("#row-1001-check", "/orders", "Click Select Ada’s Books", "row-1001-check"),
                    *_click("#row-1003-check", "/orders", "Click Select Harbour Bikes", "row-1003-check"),
                )
            },
            Replacement("[id^=row-]", "Select Ada’s Books"),
        ),
        Change(
            "into-shadow-root",
            "a button is part of a web component now",
            "filter-orders",
            "apply",
            "missing",
            (
                (_APPLY, "<filter-actions></filter-actions>"),
                (
                    _MENU_TEMPLATE,
                    '<template data-shadow-of="filter-actions"><button type="button" id="apply" '
                    f'data-says="Filtered.">Apply filters</button></template>{_MENU_TEMPLATE}',
                ),
            ),
            {"apply": _click("#apply", "/orders", "Click Apply filters", "apply")},
            Replacement("filter-actions >> #apply", "Apply filters"),
        ),
        Change(
            "moved-to-header",
            "a button is in the header, with a shorter text",
            "new-order",
            "open",
            "missing",
            (
                (_NEW_ORDER, ""),
                (
                    "</header>",
                    '<button type="button" id="header-new" data-opens="order-dialog">New</button></header>',
                ),
            ),
            {"open": _click("#header-new", "/orders", "Click New", "header-new")},
            Replacement("#header-new", "New"),
        ),
        Change(
            "moved-into-menu",
            "a button is an item of a menu, which exists while the menu is open",
            "monthly-report",
            "download",
            "missing",
            (
                (
                    _DOWNLOAD,
                    '<button type="button" id="report-more" aria-haspopup="menu" data-menu="report-menu">More'
                    '</button><span id="report-menu"></span>',
                ),
                (
                    _MENU_TEMPLATE,
                    '<template data-menu-of="report-menu"><button type="button" role="menuitem" '
                    'id="menu-download" data-says="Downloaded.">Download CSV</button></template>'
                    f"{_MENU_TEMPLATE}",
                ),
            ),
            {
                "download": (
                    *_click("#report-more", "/reports", "Click More", "report-more"),
                    *_click("#menu-download", "/reports", "Click Download CSV", "menu-download"),
                )
            },
            Replacement("#menu-download", "Download CSV"),
        ),
        Change(
            "moved-to-another-page",
            "a setting is on another page",
            "notify-me",
            "email",
            "missing",
            (
                (f'<div class="field">\n        {_EMAIL}\n      </div>', ""),
                ("<h1>Team</h1>", f"<h1>Team</h1>{_EMAIL}"),
            ),
            {
                "email": (
                    *_click("#nav-team", "/settings", "Click Team", "nav-team"),
                    *_click("#notify-email", "/team", "Click notify email", "notify-email"),
                    *_click("#nav-settings", "/team", "Click Settings", "nav-settings"),
                )
            },
            Replacement("#notify-email", "Email me about new orders", "/team"),
        ),
    ]


def _other_control() -> list[Change]:
    """Another control does the same."""
    return [
        Change(
            "replaced-by-link",
            "a button is a link",
            "monthly-report",
            "download",
            "missing",
            ((_DOWNLOAD, '<a id="csv-link" href="#csv">Download CSV</a>'),),
            {"download": _click("#csv-link", "/reports", "Click Download CSV", "csv-link")},
            Replacement("#csv-link", "Download CSV"),
        ),
        Change(
            "split-in-two",
            "two buttons do what one did",
            "new-order",
            "create",
            "missing",
            (
                (
                    _CREATE,
                    _button('id="order-draft" data-closes="order-dialog"', "Keep as a draft")
                    + _button(
                        'id="order-place" data-closes="order-dialog" data-says="Created."', "Place order"
                    ),
                ),
            ),
            {"create": _click("#order-place", "/orders", "Click Place order", "order-place")},
            Replacement("#order-place", "Place order"),
        ),
        Change(
            "checkbox-to-switch",
            "a checkbox is a switch",
            "notify-me",
            "email",
            "missing",
            (
                (
                    _EMAIL,
                    '<button type="button" role="switch" id="email-switch" aria-checked="false">'
                    "Email me about new orders</button>",
                ),
            ),
            {
                "email": _click(
                    "#email-switch", "/settings", "Click Email me about new orders", "email-switch"
                )
            },
            Replacement("#email-switch", "Email me about new orders"),
        ),
        Change(
            "select-to-radios",
            "a select is a group of radio buttons",
            "notify-me",
            "frequency",
            "missing",
            (
                (
                    f'<label for="notify-frequency">How often</label>\n        {_FREQUENCY}',
                    "<fieldset><legend>How often</legend>"
                    '<label><input type="radio" name="often" id="often-daily" checked /> Every day</label>'
                    '<label><input type="radio" name="often" id="often-weekly" /> Every week</label>'
                    "</fieldset>",
                ),
            ),
            {
                "frequency": (
                    *_click("#often-weekly", "/settings", "Click often", "often-weekly"),
                    # posthog-js hides that this is a radio button, so its change is captured as well.
                    Act("follows", "", "/settings", "Change often", "often-weekly"),
                )
            },
            Replacement("fieldset, [name=often]", "How often"),
        ),
        Change(
            "field-to-combobox",
            "a text field is a search field with suggestions",
            "new-order",
            "customer",
            "missing",
            (
                (
                    '<label for="order-customer">Customer</label>\n          <input id="order-customer" />',
                    '<label for="customer-search">Customer</label>'
                    '<input id="customer-search" role="combobox" aria-expanded="false" />',
                ),
            ),
            {"customer": _change("#customer-search", "/orders", "Change customer search", "customer-search")},
            Replacement("#customer-search", "Customer"),
        ),
        Change(
            "hidden-leftover",
            "another button does it, and the old one is still there, hidden",
            "filter-orders",
            "apply",
            "hidden",
            (
                (
                    _APPLY,
                    _APPLY.replace('id="filter-apply"', 'id="filter-apply" hidden')
                    + '<button type="button" id="filter-submit" data-says="Filtered.">Apply</button>',
                ),
            ),
            {"apply": _click("#filter-submit", "/orders", "Click Apply", "filter-submit")},
            Replacement("#filter-submit", "Apply"),
        ),
        Change(
            "label-in-icon",
            "a button's text is the title of its icon, so that no text is captured",
            "invite-member",
            "send",
            "unproven",
            (
                (
                    ">Send invite</button>",
                    '><svg viewBox="0 0 20 20" role="img"><title>Send invite</title>'
                    '<path d="m3 10 14-6-6 14-2-6z" /></svg></button>',
                ),
            ),
            {"send": _click(".invite-send", "/team", "Click button")},
            Replacement(".invite-send", "Send invite"),
        ),
    ]


def _no_longer_needed() -> list[Change]:
    """The user succeeds without the step."""
    return [
        Change(
            "removed",
            "a field was removed",
            "new-order",
            "shipping",
            "missing",
            (
                (
                    '<div class="field" id="shipping">\n          '
                    '<label for="order-shipping">Shipping</label>\n          '
                    '<select id="order-shipping"><option>Standard</option><option>Overnight</option></select>'
                    "\n        </div>",
                    "",
                ),
            ),
            {"shipping": ()},
        ),
        Change(
            "menu-removed",
            "a menu is gone, and its items are in the toolbar",
            "archive-orders",
            "options",
            "missing",
            (
                (_OPTIONS, _BULK.replace(' role="menuitem"', "")),
                (_BULK, ""),
            ),
            {"options": ()},
        ),
        Change(
            "always-open",
            "the filters are always shown, and their button was removed",
            "filter-orders",
            "filters",
            "missing",
            ((_FILTERS, ""), ('id="filter-panel" hidden>', 'id="filter-panel">')),
            {"filters": ()},
        ),
    ]


def _only_on_the_page() -> list[Change]:
    """The step is done as before, and what is captured of it stays the same."""
    return [
        Change(
            "duplicated",
            "the same button is there twice, with the same id",
            "monthly-report",
            "download",
            "ambiguous",
            (("<p>12 orders this month.</p>", f"<p>12 orders this month.</p>{_DOWNLOAD}"),),
            {
                "download": _click(
                    "#report-download >> nth=0", "/reports", "Click Download CSV", "report-download"
                )
            },
            Replacement("#report-download", "Download CSV"),
        ),
        Change(
            "behind-a-disclosure",
            "a button is in a part of the page that must be opened first",
            "new-order",
            "open",
            "hidden",
            (
                (
                    _NEW_ORDER,
                    _button('id="orders-more" data-toggles="more" aria-expanded="false"', "More")
                    + f'<span id="more" hidden>{_NEW_ORDER}</span>',
                ),
            ),
            {
                "open": (
                    *_click("#orders-more", "/orders", "Click More", "orders-more"),
                    *WORKFLOWS["new-order"]["open"],
                )
            },
            Replacement("#order-new", "New order"),
        ),
        Change(
            "behind-a-dialog",
            "a dialog asks something before the form appears",
            "new-order",
            "customer",
            "hidden",
            (
                ('id="order-new" data-opens="order-dialog"', 'id="order-new" data-opens="order-kind"'),
                (
                    '<dialog id="order-dialog"',
                    '<dialog id="order-kind" aria-label="Kind of order">'
                    + _button(
                        'id="order-blank" data-closes="order-kind" data-opens="order-dialog"', "Blank order"
                    )
                    + '</dialog><dialog id="order-dialog"',
                ),
            ),
            {
                "open": (
                    *WORKFLOWS["new-order"]["open"],
                    *_click("#order-blank", "/orders", "Click Blank order", "order-blank"),
                )
            },
            Replacement("#order-customer", "Customer"),
        ),
        Change(
            "disabled-at-first",
            "a button works only after something was ticked",
            "invite-member",
            "send",
            "disabled",
            (
                (
                    _SEND,
                    '<label><input type="checkbox" id="invite-agreed" onchange="document.querySelector('
                    "'.invite-send').disabled = !this.checked\" /> They agree</label>"
                    + _SEND.replace("<button", "<button disabled"),
                ),
            ),
            {
                "send": (
                    *_click("#invite-agreed", "/team", "Click invite agreed", "invite-agreed"),
                    *WORKFLOWS["invite-member"]["send"],
                )
            },
            Replacement(".invite-send", "Send invite"),
        ),
        Change(
            "covered",
            "a notice covers the page until it is closed",
            "notify-me",
            "email",
            "covered",
            (
                (
                    "<h1>Settings</h1>",
                    '<h1>Settings</h1><div class="banner"><p>We use cookies.</p><button type="button" '
                    'id="cookies-ok" onclick="this.parentElement.remove()">OK</button></div>',
                ),
            ),
            {
                "email": (
                    *_click("#cookies-ok", "/settings", "Click OK", "cookies-ok"),
                    *WORKFLOWS["notify-me"]["email"],
                )
            },
            Replacement("#notify-email", "Email me about new orders"),
        ),
        Change(
            "order-changed",
            "a field appears only after a later one was filled in",
            "invite-member",
            "email",
            "hidden",
            (
                ('<div class="field" id="invite-who">', '<div class="field" id="invite-who" hidden>'),
                (
                    '<select id="invite-role">',
                    '<select id="invite-role" onchange="document.getElementById('
                    "'invite-who').hidden = false\">",
                ),
            ),
            {
                # The same acts in another order: the role comes first.
                "email": WORKFLOWS["invite-member"]["role"],
                "role": WORKFLOWS["invite-member"]["email"],
            },
            Replacement("#invite-email", "Email address"),
        ),
    ]


#: All changes; 24 of them show in traffic.
CHANGES: tuple[Change, ...] = (
    *_renamed(),
    *_other_selector(),
    *_other_control(),
    *_no_longer_needed(),
    *_only_on_the_page(),
)
