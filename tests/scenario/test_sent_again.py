"""Events that a browser resends after its server crashed, through the parts that handle them."""

from __future__ import annotations

import time
from urllib.parse import parse_qsl

from support.stories import story_of_user, through_save

from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.wire import decode_request
from rasa_autoplay.settings.engine import SessionSettings


def test_a_save_that_is_resent_after_a_restart_counts_once() -> None:
    """posthog-js resends unanswered events with the same ``uuid``, here after the server crashed."""
    story = story_of_user("edit_three_projects", user_id="u", session_id="s", email="u@example.com")
    save_request = story[through_save(story, 2) - 1]
    session = Session(("demo", "s"), SessionSettings(), active_at=time.time())
    for delay_s in (0.005, 2.0):
        reader = CaptureReader("demo")  # a gateway's memory of seen events
        request = decode_request(
            save_request.body,
            content_type=save_request.content_type,
            query=dict(parse_qsl(save_request.query)),
            received_at=time.time() + delay_s,
        )
        for payload in reader.read(request):
            session.add(payload.actions, [], payload.event_ids)
    assert session.action_count == 1
