"""All checks of a project's files and pages, in the order in which they are told."""

from __future__ import annotations

from rasa_autoplay.tools.doctor import credentials, environment, files, pages, shared
from rasa_autoplay.tools.doctor.base import Check
from rasa_autoplay.tools.doctor.project import Project

__all__ = ["CHECKS", "PAGE_CHECKS"]

CHECKS: tuple[Check[Project], ...] = (
    Check("python", "Python fits Rasa 3.6", environment.python),
    Check("rasa", "Rasa is installed", environment.rasa),
    Check("python-socketio", "bot messages reach the chat", environment.socketio),
    Check("openai", "the openai package fits Rasa 3.6", environment.openai),
    Check("packaging", "Rasa can start", environment.packaging),
    Check("pydantic", "pydantic fits Rasa 3.6", environment.pydantic),
    Check("workers", "one worker in each process, or Redis", environment.workers),
    Check("descriptors", "there is room for many connections", environment.descriptors),
    Check("response timeout", "streams are not cut", environment.response_timeout),
    Check("files", "autoplay.yml, credentials, domain, rule and golden paths agree", files.files),
    Check("actions import", "the actions module imports ours", files.actions_import),
    Check("action endpoint", "Rasa knows its action server", files.action_endpoint),
    Check("empty messages", "nothing greets a widget that connects", files.empty_messages),
    Check("sources", "events come from somewhere", credentials.sources),
    Check("owners", "what users do is told once", credentials.owners),
    Check("chat", "there is a chat channel", credentials.chat),
    Check("session_persistence", "chat windows can be addressed", credentials.session_persistence),
    Check("metadata_key", "the chat knows who writes", credentials.metadata_key),
    Check("origins", "pages of the app are let in", credentials.origins),
    Check("identity", "nobody speaks for others", credentials.identity),
    Check("other channels", "every channel of the bot asks for a user token", credentials.other_channels),
    Check("link secret", "the two processes trust each other", environment.link_secret),
    Check("redis", "both files name the same Redis", shared.redis),
    Check("shared", "several servers share what they must", shared.shared),
    Check("project key", "no personal PostHog key is used", credentials.project_key),
    Check("llm key", "the language model has its key", environment.llm_key),
)

#: Of the host app's pages, where there are some to look at.
PAGE_CHECKS: tuple[Check[Project], ...] = (
    Check("script", "autoplay.js is on the page, before the chat widget", pages.script),
    Check("user ids", "the page says everywhere who the user is", pages.user_ids),
    Check("api host", "posthog-js sends to the Rasa server", pages.api_host),
    Check("clicks", "posthog-js tells of clicks", pages.clicks),
    Check("batching", "posthog-js sends at once", pages.batching),
    Check("tour library", "what shows the tours is on the page", pages.tour_library),
    Check("greeting", "the widget says nothing by itself", pages.greeting),
    Check("widget session", "a closed chat has a session", pages.widget_session),
    Check("widget storage", "every tab has its own conversation", pages.widget_storage),
    Check("widget lines", "steps stand below each other", pages.widget_lines),
    Check("page views", "posthog-js tells of pages", pages.page_views),
    Check("user e-mail", "events carry the e-mail", pages.user_email),
)
