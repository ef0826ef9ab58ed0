"""The vendor SDK's section trigger: the user is in a section of the app that has an entry in the playbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_autoplay.engine.triggers.interest import ANYTHING, PAGE
from rasa_autoplay.engine.triggers.sections import resolve_section_id, resolve_section_id_for_playbook
from rasa_autoplay.engine.triggers.types import (
    ProactiveTriggerContext,
    ProactiveTriggerResult,
    fit_toast,
)

__all__ = ["TRIGGER_ID_SECTION_PLAYBOOK_MATCH", "SectionPlaybookTrigger"]

TRIGGER_ID_SECTION_PLAYBOOK_MATCH = "section_playbook_match"


class SectionPlaybookTrigger:
    """The user is in a section of the app that has an entry in the playbook.

    An entry is a text, or ``{"body": …, "reply_option_labels": […]}``. As in the vendor's SDK, the playbook
    and the current section come from ``context_extra`` (see ``resolve_section_id_for_playbook``). If the
    trigger has its own playbook (not in the SDK), it uses the page of the newest action instead.

    Args:
        section_playbook: entries by section.
        rules: ``{"prefix": URL prefix, "section_id": …}``; the first match decides.
    """

    def __init__(
        self,
        *,
        section_playbook: Mapping[str, Any] | None = None,
        rules: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._own_playbook = section_playbook
        self._rules = tuple(rules)
        # Without its own playbook, it depends on anything that the caller puts into the context.
        self.interest = ANYTHING if section_playbook is None else PAGE

    @property
    def trigger_id(self) -> str:
        """``section_playbook_match``."""
        return TRIGGER_ID_SECTION_PLAYBOOK_MATCH

    def wakes_at(self, _ctx: ProactiveTriggerContext) -> None:
        """Return None: only an event can make it fire."""
        return

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the offer of the section's entry; None if there is none, or if its text is blank."""
        section, entry = self._entry(ctx)
        body, labels = _read_entry(entry)
        if not section or not body:
            return None
        return ProactiveTriggerResult(
            trigger_id=self.trigger_id,
            body=fit_toast(body),
            reply_option_labels=labels,
            metadata={"section_id": section},
        )

    def _entry(self, ctx: ProactiveTriggerContext) -> tuple[str | None, object]:
        if self._own_playbook is not None:
            page = next((a.canonical_url for a in reversed(ctx.recent_actions) if a.canonical_url), "")
            section = resolve_section_id(page, self._rules)
            return section, self._own_playbook.get(section) if section else None
        extra = ctx.context_extra or {}
        section = resolve_section_id_for_playbook(extra)
        return section, extra["section_playbook"][section] if section else None


def _read_entry(entry: object) -> tuple[str, tuple[str, ...]]:
    if isinstance(entry, str):
        return entry.strip(), ()
    if not isinstance(entry, Mapping):
        return "", ()
    labels = entry.get("reply_option_labels") or entry.get("quick_reply_labels")
    shown = labels if isinstance(labels, (list, tuple)) else ()
    body = (entry.get("body") or entry.get("proactive_body") or "").strip()
    return body, tuple(str(label) for label in shown if str(label).strip())
