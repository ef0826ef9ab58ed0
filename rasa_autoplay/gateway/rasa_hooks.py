"""Puts the message gateway into Rasa's agent and message processor.

Rasa gives each channel the same function for new messages, before our channel is made, and replaces agent
and processor whenever a model is loaded. Their classes are what all messages pass, at all times.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.gateway.chat.message_gateway import MessageGateway, without_proactive

__all__ = ["hook_rasa", "messages_pass"]

#: The gateways of this process's running channels; the newest one counts.
_gateways: list[MessageGateway] = []
_HOOKED = "_rasa_autoplay_hooked"


@contextmanager
def messages_pass(gateway: MessageGateway) -> Iterator[None]:
    """Let all messages of this process pass a gateway."""
    _gateways.append(gateway)
    try:
        yield
    finally:
        _gateways.remove(gateway)


def hook_rasa() -> None:
    """Hook the classes that the Rasa server has imported, once.

    A process without them (a test's server) has no Rasa agent that a message could reach.

    Raises:
        ConfigError: this Rasa has no such classes.
    """
    _hook("rasa.core.agent", "Agent", "handle_message", _admitting)
    _hook("rasa.core.processor", "MessageProcessor", "parse_message", _cleaning)


def _hook(module_name: str, class_name: str, method: str, wrap: Callable[[Any], Any]) -> None:
    module = sys.modules.get(module_name)
    if module is None:
        return
    original = getattr(getattr(module, class_name, None), method, None)
    if original is None:
        raise ConfigError(
            f"This Rasa has no {module_name}.{class_name}.{method}: the copilot cannot protect the chat.",
            remedy="Install rasa-autoplay with the constraints of your Rasa version.",
        )
    if not hasattr(original, _HOOKED):
        wrapped = functools.wraps(original)(wrap(original))
        setattr(wrapped, _HOOKED, True)
        setattr(getattr(module, class_name), method, wrapped)


def _admitting(handle_message: Any) -> Any:
    async def admit(agent: Any, message: Any) -> Any:
        for gateway in _gateways[-1:]:
            if await gateway.handle(message):
                return None
        return await handle_message(agent, message)

    return admit


def _cleaning(parse_message: Any) -> Any:
    async def clean(processor: Any, *args: Any, **kwargs: Any) -> Any:
        return without_proactive(await parse_message(processor, *args, **kwargs))

    return clean
