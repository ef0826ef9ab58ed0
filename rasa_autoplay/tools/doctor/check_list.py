"""All checks of a project's files and pages, in the order in which they are printed."""

from __future__ import annotations

from rasa_autoplay.common.checks import Check
from rasa_autoplay.tools.doctor import credentials, environment, files, pages, pauses, shared
from rasa_autoplay.tools.doctor.project import Project

__all__ = ["CHECKS", "PAGE_CHECKS"]

CHECKS: tuple[Check[Project], ...] = (
    Check("python", "Python fits Rasa 3.6", environment.python),
    Check("rasa", "Rasa is installed", environment.rasa),
    Check("licence", "Rasa has the licence that it needs, if any", environment.licence),
    Check("python-socketio", "bot messages reach the chat", environment.socketio),
    Check("openai", "the openai package fits Rasa 3.6", environment.openai),
    Check("packaging", "Rasa can start", environment.packaging),
    Check("pydantic", "pydantic fits Rasa 3.6", environment.pydantic),
    Check("workers", "one worker in each process, or Redis", environment.workers),
    Check("descriptors", "this process can hold many connections", environment.descriptors),
    Check("response timeout", "Sanic does not cut open streams", environment.response_timeout),
    Check("files", "autoplay.yml, credentials, domain, rule and golden paths agree", files.files),
    Check("actions import", "the actions module imports rasa_autoplay.actions", files.actions_import),
    Check("action endpoint", "endpoints.yml names the action server", files.action_endpoint),
    Check("empty messages", "the bot does not greet a widget that connects", files.empty_messages),
    Check("sources", "at least one source of events is configured", credentials.sources),
    Check("owners", "each user action is reported by one source", credentials.owners),
    Check("chat", "credentials.yml has a chat channel", credentials.chat),
    Check("session_persistence", "the bot can address a chat window", credentials.session_persistence),
    Check("metadata_key", "the chat knows which user writes", credentials.metadata_key),
    Check("origins", "allowed_origins names the app", credentials.origins),
    Check("identity", "no browser can speak for another user", credentials.identity),
    Check("other channels", "every channel of the bot asks for a user token", credentials.other_channels),
    Check("link secret", "the two processes trust each other", environment.link_secret),
    Check("redis", "both files name the same Redis", shared.redis),
    Check("shared", "servers share their database, conversations and locks", shared.shared),
    Check("project key", "no personal PostHog key is used", credentials.project_key),
    Check("llm key", "the language model has its key", environment.llm_key),
    Check("pauses", "no trigger is paused", pauses.pauses),
)

#: Checks of the host app's pages; they run only if the doctor was given pages.
PAGE_CHECKS: tuple[Check[Project], ...] = (
    Check("script", "autoplay.js is on the page, before the chat widget", pages.script),
    Check("user ids", "posthog-js, autoplay.js and the widget name the same user", pages.user_ids),
    Check("api host", "posthog-js sends to the Rasa server", pages.api_host),
    Check("clicks", "posthog-js reports clicks", pages.clicks),
    Check("batching", "posthog-js sends events at once", pages.batching),
    Check("tour library", "the page loads the tour library", pages.tour_library),
    Check("greeting", "the widget does not greet by itself", pages.greeting),
    Check("widget session", "a closed chat has a session", pages.widget_session),
    Check("widget storage", "each tab has its own conversation", pages.widget_storage),
    Check("widget lines", "the chat shows each step on its own line", pages.widget_lines),
    Check("page views", "posthog-js reports page views", pages.page_views),
    Check("user e-mail", "events carry the user's e-mail address", pages.user_email),
)
