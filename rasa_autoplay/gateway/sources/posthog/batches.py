"""Groups the actions of a capture request into batches, one per session and user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.events.user_properties import PropertyValue
from rasa_autoplay.gateway.sources.posthog.draft import Draft, DraftEvent

__all__ = ["batch_actions"]


def batch_actions(
    draft: Draft,
    product_id: str,
    announced: Iterable[str],
    properties: Mapping[str, dict[str, PropertyValue]],
) -> None:
    """Group a draft's actions into batches.

    Args:
        draft: receives the batches.
        product_id: the channel's own.
        announced: keys of sessions that get a batch even without an action.
        properties: by the session's key, what the request says about the session's user.
    """
    batches: dict[tuple[str, str | None], list[DraftEvent]] = {}
    for event in draft.events:
        if event.action is not None:
            batches.setdefault((event.key, event.action.user_id), []).append(event)
    for key in (*announced, *properties):
        batches.setdefault((key, draft.sessions[key].user_id), [])
    # The late action of an earlier user must not make that user the session's current one again.
    for key, user_id in list(batches):
        if user_id is not None:
            batches.setdefault((key, draft.sessions[key].user_id), [])
    session_ids = {event.key: event.session_id for event in draft.events}
    in_order = sorted(batches.items(), key=lambda item: item[0][1] == draft.sessions[item[0][0]].user_id)
    for (key, user_id), events in in_order:
        session = draft.sessions[key]
        is_present = user_id == session.user_id
        payload = ActionsPayload(
            product_id=product_id,
            session_id=session_ids[key],
            user_id=user_id,
            email=session.email if is_present else None,
            actions=[event.action for event in events if event.action is not None],
            forwarded_at=draft.request.received_at,
            event_ids=[event.id for event in events],
            timezone=session.timezone,
            language=session.language,
            properties=properties.get(key, {}) if is_present else {},
            is_verified=user_id is not None and user_id == draft.sender.user_id,
        )
        draft.batches.append(payload)
        draft.sources.append((key, events))
