"""What a user of the unchanged app does in each step of each golden path, and how that is captured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["GOLDEN_PATHS", "WORKFLOWS", "Act", "Workflow"]

GOLDEN_PATHS = Path(__file__).parent / "golden_paths"


@dataclass(frozen=True)
class Act:
    """One thing that a user does, and the action that posthog-js and the capture source make of it.

    Args:
        kind: what the user does with the control; ``change`` fills in a field or chooses another option, and
            ``follows`` is captured because of the act before it.
        target: Playwright selector of the control.
        page: the path of the URL.
        title: title of the action.
        element_id: DOM id in the action; empty if it has none.
    """

    kind: Literal["click", "change", "follows"]
    target: str
    page: str
    title: str
    element_id: str = ""

    @property
    def captured(self) -> tuple[str, str, str, str]:
        """Type, title, element id and page of the action."""
        return "click" if self.kind == "click" else "type", self.title, self.element_id, self.page


#: The acts of each step, in order, by the step's id.
Workflow = Mapping[str, tuple[Act, ...]]

WORKFLOWS: Mapping[str, Workflow] = {
    "archive-orders": {
        "options": (Act("click", "#orders-options", "/orders", "Click Table options", "orders-options"),),
        "bulk": (Act("click", "#orders-bulk", "/orders", "Click Select several", "orders-bulk"),),
        "tick": (
            Act("click", "#order-check-1001", "/orders", "Click Select Ada’s Books", "order-check-1001"),
            Act("click", "#order-check-1003", "/orders", "Click Select Harbour Bikes", "order-check-1003"),
        ),
        "reason": (Act("change", "#archive-reason", "/orders", "Change archive reason", "archive-reason"),),
        "archive": (Act("click", "#archive-apply", "/orders", "Click Archive selected", "archive-apply"),),
    },
    "filter-orders": {
        "filters": (Act("click", "#filters", "/orders", "Click Filters", "filters"),),
        "status": (Act("change", "#filter-status", "/orders", "Change filter status", "filter-status"),),
        "apply": (Act("click", "#filter-apply", "/orders", "Click Apply filters", "filter-apply"),),
    },
    "invite-member": {
        "tab": (Act("click", "#tab-invites", "/team", "Click Invitations", "tab-invites"),),
        "email": (Act("change", "#invite-email", "/team", "Change invite email", "invite-email"),),
        "role": (Act("change", "#invite-role", "/team", "Change invite role", "invite-role"),),
        "send": (Act("click", ".invite-send", "/team", "Click Send invite"),),
    },
    "monthly-report": {
        "reports": (Act("click", "#nav-reports", "/orders", "Click Reports", "nav-reports"),),
        "month": (Act("click", "[data-testid=period-month]", "/reports", "Click period month"),),
        "download": (Act("click", "#report-download", "/reports", "Click Download CSV", "report-download"),),
    },
    "new-order": {
        "open": (Act("click", "#order-new", "/orders", "Click New order", "order-new"),),
        "customer": (Act("change", "#order-customer", "/orders", "Change order customer", "order-customer"),),
        "shipping": (Act("change", "#order-shipping", "/orders", "Change order shipping", "order-shipping"),),
        "create": (Act("click", "#order-save", "/orders", "Click Create order", "order-save"),),
    },
    "notify-me": {
        "email": (Act("click", "#notify-email", "/settings", "Click notify email", "notify-email"),),
        "frequency": (
            Act("change", "#notify-frequency", "/settings", "Change notify frequency", "notify-frequency"),
        ),
        "save": (Act("click", "#settings-save", "/settings", "Click Save settings", "settings-save"),),
    },
}
