"""Where Rasa Pro's classes differ from Rasa 3.6's. Other modules use these functions instead of the names."""

from __future__ import annotations

import os
from typing import Any

__all__ = [
    "NOT_WRITTEN",
    "is_paused",
    "may_start_session",
    "send_event",
    "socketio_server",
    "takes_intents",
    "unwrapped",
    "worker_count",
]

#: The ``engine_version`` of Rasa Pro's language-model engine, which has no intents, rules or side effects.
_MANTLE = "mantle"
#: Messages that Rasa Pro makes itself: no user has written them.
NOT_WRITTEN = ("/session_start", "/session_end", "/silence_timeout")


def socketio_server(channel: Any) -> Any:
    """python-socketio's server of a socket channel; None if the channel has none.

    Args:
        channel: an input channel whose blueprint was made.
    """
    server = getattr(channel, "sio_server", None)  # since Rasa Pro 3.14
    return server if server is not None else getattr(channel, "sio", None)


def unwrapped(channel: Any) -> Any:
    """The channel itself, if ``rasa inspect`` has wrapped it in a proxy.

    Args:
        channel: an entry of ``app.ctx.input_channels``.
    """
    return getattr(channel, "underlying", channel)


def is_paused(tracker: Any) -> bool:
    """Whether a conversation is paused, because a human agent has taken over.

    Args:
        tracker: a conversation's tracker.
    """
    paused = getattr(tracker, "paused", None)  # newer versions of Rasa Pro have no is_paused()
    return bool(tracker.is_paused() if paused is None else paused)


def takes_intents(processor: Any) -> bool:
    """Whether an injected intent can have an effect. CALM ignores it, and Mantle raises an error.

    Args:
        processor: the agent's message processor.
    """
    return not getattr(processor, "is_calm_assistant", False)  # true for Mantle too


def may_start_session(processor: Any) -> bool:
    """Whether a session may start before the user has written something.

    Mantle would put its session-start skill on the stack, and that skill would then answer the user's first
    message.

    Args:
        processor: the agent's message processor.
    """
    return not _is_mantle(processor)


async def send_event(processor: Any, event: Any, tracker: Any, output: Any) -> None:
    """Send the text of a bot event to the chat window.

    Args:
        processor: the agent's message processor.
        event: a ``BotUttered`` event, which is in the tracker already.
        tracker: the conversation's tracker.
        output: the output channel.
    """
    if _is_mantle(processor):
        # Mantle's execute_side_effects() raises NotImplementedError.
        await output.send_response(tracker.sender_id, event.message())
    else:
        await processor.execute_side_effects([event], tracker, output)


def worker_count(app: Any) -> int:
    """How many processes serve this Rasa server.

    Args:
        app: Rasa's Sanic app, in the process that serves requests.
    """
    workers = getattr(getattr(app, "state", None), "workers", 1) or 1
    if "SANIC_WORKER_NAME" in os.environ:
        # Newer versions of Sanic build the app anew in each worker, where it does not know the number.
        requested = os.environ.get("SANIC_WORKERS", "")
        workers = max(workers, int(requested) if requested.isdigit() else 1)
    return int(workers)


def _is_mantle(processor: Any) -> bool:
    return bool(getattr(processor, "engine_version", "") == _MANTLE)
