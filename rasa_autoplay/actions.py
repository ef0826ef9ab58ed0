"""The action server's extension: ``from rasa_autoplay.actions import *`` in the bot's actions module.

The import provides the actions, and attaches the engine through rasa_sdk's plugin hook.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from rasa_autoplay.common.conversation.markdown_lists import with_lists_apart
from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.common.conversation.proactive import PROACTIVE_ENTITY
from rasa_autoplay.common.conversation.safe_links import without_unsafe_links
from rasa_autoplay.common.conversation.show_me import TourButton
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.link.answers import AssistantText
from rasa_autoplay.link.assistant import Assistant, reachable_assistant
from rasa_autoplay.settings.engine import EngineSettings, find_engine_file
from rasa_autoplay.settings.engine_place import runs_in_rasa_server
from rasa_autoplay.settings.link_secret import LINK_SECRET_VARIABLE, check_link_secret
from rasa_autoplay.settings.secret import Secret

#: For ``import *``: the actions only.
__all__ = ["ActionAskLlm", "ActionHelpCurrentPage", "ActionRecentActivity", "ActionSendProactive"]

logger = logging.getLogger(__name__)

_PLUGIN = "rasa_autoplay"


class ActionSendProactive(Action):  # type: ignore[misc] # rasa_sdk has no types
    """Says the copilot's message, which is the entity ``proactive_text``."""

    def name(self) -> str:
        """The name in the domain and in the rule."""
        return "action_send_proactive"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Utter the text if there is one and the copilot has signed it."""
        entities = (tracker.latest_message or {}).get("entities") or []
        entity: dict[str, Any] = next((e for e in entities if e.get("entity") == PROACTIVE_ENTITY), {})
        text = str(entity.get("value") or "")
        if not text:
            return []
        button = TourButton.of_entity(entity)
        if _proofs().covers_text(
            entity.get(PROOF_KEY), tracker.sender_id, text, button.payload if button else ""
        ):
            _say(dispatcher, text, button)
        else:
            logger.warning(
                "A proactive text was ignored, because the copilot's channel has not signed it. If Open chat "
                "does not work: link.secret in credentials.yml and %s must be the same.",
                LINK_SECRET_VARIABLE,
            )
        return []


class _EngineAction(Action, ABC):  # type: ignore[misc] # rasa_sdk has no types
    """Says the engine's answer to the user's message."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Utter the answer. Ignores an empty message, which a widget sends when it reconnects."""
        message = tracker.latest_message or {}
        query = str(message.get("text") or "").strip()
        reached = reachable_assistant()
        if not query or reached is None:
            return []
        answer = await self.answer(reached.assistant, _signed_user(tracker), query)
        if answer.text:
            button = TourButton(answer.button, answer.tour_id) if answer.tour_id else None
            _say(dispatcher, answer.text, button)
        return []

    @abstractmethod
    async def answer(self, assistant: Assistant, user_id: str, query: str) -> AssistantText:
        """Get the engine's answer; the user id is empty for an unknown user."""


class ActionAskLlm(_EngineAction):
    """Answers a question from matching golden paths; suitable as the bot's fallback."""

    def name(self) -> str:
        """The name in the domain and in the rule."""
        return "action_ask_llm"

    async def answer(self, assistant: Assistant, user_id: str, query: str) -> AssistantText:
        """An answer from golden paths, recent actions and memory."""
        return await assistant.ask(user_id, query)


class ActionRecentActivity(_EngineAction):
    """Lists what the user did last."""

    def name(self) -> str:
        """The name in the domain and in the rule."""
        return "action_recent_activity"

    async def answer(self, assistant: Assistant, user_id: str, query: str) -> AssistantText:
        """A short list of recent actions."""
        return await assistant.recent_activity(user_id)


class ActionHelpCurrentPage(_EngineAction):
    """Lists what the user can do on the current page."""

    def name(self) -> str:
        """The name in the domain and in the rule."""
        return "action_help_current_page"

    async def answer(self, assistant: Assistant, user_id: str, query: str) -> AssistantText:
        """The page's golden paths."""
        return await assistant.help_current_page(user_id)


@functools.cache
def own_executor() -> ActionExecutor:
    """Return rasa_sdk's executor with these actions only, for a Rasa server that runs them itself."""
    executor = ActionExecutor()
    for action in (ActionSendProactive, ActionAskLlm, ActionRecentActivity, ActionHelpCurrentPage):
        executor.register_action(action)
    return executor


def _signed_user(tracker: Tracker) -> str:
    """The author of the message, as signed by the Rasa server; empty without a valid signature."""
    message = tracker.latest_message or {}
    metadata = message.get("metadata")
    proof = metadata.get(PROOF_KEY) if isinstance(metadata, Mapping) else None
    return _proofs().user_of_message(proof, tracker.sender_id, str(message.get("message_id") or ""))


def _proofs() -> MessageProofs:
    reached = reachable_assistant()
    return MessageProofs(reached.secret if reached else _link_secret())


def _link_secret() -> Secret:
    return Secret(os.environ.get(LINK_SECRET_VARIABLE, ""))


def _say(dispatcher: CollectingDispatcher, text: str, button: TourButton | None = None) -> None:
    """Utter a text without unsafe links, and with a button if there is one."""
    dispatcher.utter_message(
        text=with_lists_apart(without_unsafe_links(text)), buttons=[button.as_rasa()] if button else None
    )


class _EnginePlugin:
    """Attaches the engine to the action server's Sanic app."""

    def attach_sanic_app_extensions(self, app: Any) -> None:
        """Called once by rasa_sdk. Starts nothing, because some versions call it in two processes."""
        try:
            file = find_engine_file()
            if runs_in_rasa_server(file.path.parent):
                logger.info("credentials.yml has engine: in_process, so the engine runs in the Rasa server.")
                return
            check_link_secret(_link_secret(), file.path.parent)
            # Imported here, because a Rasa server may run these actions without the engine.
            from rasa_autoplay.engine.hosting.sanic_app import attach_engine

            attach_engine(app, file, _link_secret())
            if file.read(EngineSettings).shared is None:
                _refuse_workers()
        except ConfigError as problem:
            logger.critical("The action server does not start:\n%s", problem)
            sys.exit(1)


def _refuse_workers() -> None:
    workers = int(os.environ.get("ACTION_SERVER_SANIC_WORKERS") or 1)
    if workers > 1:
        logger.critical(
            "The action server is configured for %d workers, but without Redis the engine needs exactly one. "
            "Set ACTION_SERVER_SANIC_WORKERS=1, or use Redis: "
            '"shared: {redis: ...}" in both autoplay.yml and credentials.yml.',
            workers,
        )
        sys.exit(1)


def _attach() -> None:
    try:
        from rasa_sdk.plugin import plugin_manager
    except ModuleNotFoundError:
        _report_old_sdk()
        return
    manager = plugin_manager()
    if not manager.has_plugin(_PLUGIN):
        # pluggy finds hook implementations by a marker on the method.
        hook = _hook_marker()
        hook(_EnginePlugin.attach_sanic_app_extensions)
        manager.register(_EnginePlugin(), name=_PLUGIN)


def _report_old_sdk() -> None:
    """Before 3.6, rasa-sdk has no plugins: the actions work, but there is no engine in this process."""
    if not runs_in_rasa_server(Path()):
        logger.critical(
            "rasa-sdk %s cannot run the engine, because it has no plugins. Run the action server in an "
            "environment of its own, with rasa-sdk 3.6.2 or later, or set engine: in_process in "
            "credentials.yml.",
            metadata.version("rasa-sdk"),
        )


def _hook_marker() -> Any:
    import pluggy

    return pluggy.HookimplMarker("rasa_sdk")


_attach()
