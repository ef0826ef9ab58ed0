"""The trigger of autoplay.yml, written as a Python predicate instead of a rule."""

from __future__ import annotations

from rasa_autoplay import ProactiveTriggerContext, SlimAction, only_events, remembers, title_contains

__all__ = ["bulk_edit_opportunity"]

SAVES_NEEDED = 3
WITHIN_S = 120.0

_is_save = title_contains("save changes")
_knows_bulk_edit = title_contains("bulk edit", "apply to")


@only_events
@remembers(bulk_edit_known=_knows_bulk_edit)
def bulk_edit_opportunity(ctx: ProactiveTriggerContext) -> bool:
    """Fires when a user edits projects one by one and has not used bulk edit in this session.

    True if the newest action is on the projects page, the user saved there at least three times within the
    last 120 s, and no action in the session shows that they know bulk edit.
    """
    # Batches can arrive out of order, so sort by time.
    actions = sorted(ctx.recent_actions, key=lambda action: action.timestamp_start)
    if not actions or not _on_projects(actions[-1]):
        return False
    # The engine remembers this beyond the window of recent actions.
    if "bulk_edit_known" in ctx.context_extra.get("remembered", ()) or any(map(_knows_bulk_edit, actions)):
        return False
    since = ctx.context_extra.get("eval_now", actions[-1].timestamp_start) - WITHIN_S
    saves = [a for a in actions if a.timestamp_start >= since and _on_projects(a) and _is_save(a)]
    return len(saves) >= SAVES_NEEDED


def _on_projects(action: SlimAction) -> bool:
    # The page of one project (/projects/:id/edit) also counts.
    return "/projects" in action.canonical_url.casefold()
