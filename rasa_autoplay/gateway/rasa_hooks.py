"""Installs the message gateway in Rasa's agent and message processor.

All channels share one function for new messages, which exists before our channel does. Rasa also replaces the
agent and the processor when it loads a model. Only their classes see every message.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.gateway.chat.message_gateway import MessageGateway, without_proactive

__all__ = ["active_gateway", "hook_rasa", "wrap_method"]

#: The gateways of this process's running channels; the newest one is used.
_gateways: list[MessageGateway] = []
_HOOKED = "_rasa_autoplay_hooked"


@contextmanager
def active_gateway(gateway: MessageGateway) -> Iterator[None]:
    """Let a gateway handle all messages of this process until the context ends."""
    _gateways.append(gateway)
    try:
        yield
    finally:
        _gateways.remove(gateway)


def hook_rasa() -> None:
    """Wrap the methods of Rasa's classes, once.

    A process that has not imported these classes (a test's server) has no agent that messages could reach.

    Raises:
        ConfigError: this version of Rasa has no such classes.
    """
    purpose = "protect the chat"
    wrap_method("rasa.core.agent", ("Agent",), "handle_message", _handling, purpose)
    # In newer versions of Rasa Pro, MessageProcessor is abstract, and its subclass has the method.
    processors = ("BaseMessageProcessor", "MessageProcessor")
    wrap_method("rasa.core.processor", processors, "parse_message", _cleaning, purpose)


def wrap_method(
    module_name: str, class_names: Sequence[str], method: str, wrap: Callable[[Any], Any], purpose: str
) -> None:
    """Wrap a method of the first of these classes that exists, once.

    Args:
        module_name: the classes' module; nothing happens if it is not imported.
        class_names: the classes.
        method: the method.
        wrap: returns the function to call instead of the given one.
        purpose: completes "the copilot cannot …", for the error.

    Raises:
        ConfigError: this version of Rasa has no such method.
    """
    module = sys.modules.get(module_name)
    if module is None:
        return
    hooked = next((getattr(module, name) for name in class_names if hasattr(module, name)), None)
    original = getattr(hooked, method, None)
    if original is None:
        raise ConfigError(
            f"This Rasa has no {module_name}.{class_names[-1]}.{method}, so the copilot cannot {purpose}.",
            remedy="Update rasa-autoplay, or use a version of Rasa that its documentation names.",
        )
    if not hasattr(original, _HOOKED):
        wrapped = functools.wraps(original)(wrap(original))
        setattr(wrapped, _HOOKED, True)
        setattr(hooked, method, wrapped)


def _handling(handle_message: Any) -> Any:
    async def handle(agent: Any, message: Any) -> Any:
        for gateway in _gateways[-1:]:
            if await gateway.handle(message):
                return None
        return await handle_message(agent, message)

    return handle


def _cleaning(parse_message: Any) -> Any:
    async def clean(processor: Any, *args: Any, **kwargs: Any) -> Any:
        return without_proactive(await parse_message(processor, *args, **kwargs))

    return clean
