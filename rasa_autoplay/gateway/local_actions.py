"""Lets Rasa run the copilot's own actions in its own process, without an action server.

Rasa 3.6 sends every custom action to the action server. Rasa Pro can run actions itself, but only from one
module of the bot. The class that runs an action survives all reloads of the model, so it is wrapped.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.gateway.rasa_hooks import wrap_method

__all__ = ["ACTION_NAMES", "LocalActions", "active_actions", "has_action_server", "hook_actions"]

#: The actions of ``rasa_autoplay.actions``. All others run where ``endpoints.yml`` says.
ACTION_NAMES = frozenset(
    {"action_ask_llm", "action_help_current_page", "action_recent_activity", "action_send_proactive"}
)


@dataclass(frozen=True)
class LocalActions:
    """How this process runs the copilot's actions.

    Args:
        run: runs the action of a request in rasa_sdk's format, and returns its events and responses.
        replaces: whether actions run here instead of at this action endpoint of Rasa; it may be None.
    """

    run: Callable[[dict[str, Any]], Awaitable[Any]]
    replaces: Callable[[Any], bool]


#: The actions of this process's running channels; the newest are used.
_active: list[LocalActions] = []


@contextmanager
def active_actions(actions: LocalActions) -> Iterator[None]:
    """Let Rasa run the copilot's actions here until the context ends."""
    _active.append(actions)
    try:
        yield
    finally:
        _active.remove(actions)


def has_action_server(endpoint: Any) -> bool:
    """Return whether Rasa's action endpoint names an action server, or a module of actions."""
    return bool(getattr(endpoint, "url", None) or getattr(endpoint, "actions_module", None))


def hook_actions() -> None:
    """Wrap Rasa's class for custom actions, once.

    Raises:
        ConfigError: this version of Rasa has no such class.
    """
    wrap_method("rasa.core.actions.action", ("RemoteAction",), "run", _running_here, "run its actions")


def _running_here(run: Any) -> Any:
    async def run_here(action: Any, *arguments: Any, **named: Any) -> Any:
        for actions in _active[-1:]:
            if action.name() in ACTION_NAMES and actions.replaces(action.action_endpoint):
                action = copy.copy(action)
                # Rasa 3.6 asks the endpoint, Rasa Pro the executor. Rasa does everything else as always.
                action.action_endpoint = action.executor = _InProcess(action.name(), actions)
        return await run(action, *arguments, **named)

    return run_here


class _InProcess:
    """Takes the place of the action server's endpoint, and of Rasa Pro's executor, for one action."""

    url = "the Rasa server itself"
    supports_streaming = False

    def __init__(self, name: str, actions: LocalActions) -> None:
        self._name = name
        self._actions = actions
        #: Rasa 3.6 reads options of the endpoint here.
        self.kwargs: dict[str, Any] = {"enable_selective_domain": True}

    async def request(self, json: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Run the action as Rasa 3.6 asks for it."""
        return _as_dict(await self._actions.run({"domain": {}, **json}))

    async def run(self, tracker: Any, domain: Any, **_options: Any) -> dict[str, Any]:
        """Run the action as Rasa Pro asks for it. Our actions need no domain and no earlier events."""
        call = {
            "next_action": self._name,
            "sender_id": tracker.sender_id,
            "tracker": tracker.current_state(),
            "domain": {},
        }
        return _as_dict(await self._actions.run(call))


def _as_dict(result: Any) -> dict[str, Any]:
    """Return the events and responses; newer versions of rasa_sdk return a model."""
    plain: dict[str, Any] = result.model_dump() if hasattr(result, "model_dump") else dict(result or {})
    return plain
