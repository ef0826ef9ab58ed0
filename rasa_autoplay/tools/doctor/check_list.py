"""All checks of a project's files and pages, in the order in which they are printed."""

from __future__ import annotations

from rasa_autoplay.common.checks import Check
from rasa_autoplay.tools.doctor import credentials, environment, files, pages, pauses, shared
from rasa_autoplay.tools.doctor.project import Project
from rasa_autoplay.tools.doctor.read import (
    if_channel,
    if_chat,
    if_installed,
    if_on_page,
    if_true,
    saw_user_ids,
)

__all__ = ["CHECKS", "PAGE_CHECKS"]

CHECKS: tuple[Check[Project], ...] = (
    Check("python", "Python fits Rasa 3.6", environment.python, if_installed("rasa", "Python fits Rasa 3.6")),
    Check("rasa", "Rasa is installed", environment.rasa),
    Check(
        "licence",
        "Rasa has the licence that it needs, if any",
        environment.licence,
        if_installed("rasa-pro", "Rasa has the licence that it needs, if any"),
    ),
    Check(
        "python-socketio",
        "bot messages reach the chat",
        environment.socketio,
        if_installed("python-socketio", "bot messages reach the chat"),
    ),
    Check(
        "openai",
        "the openai package fits Rasa 3.6",
        environment.openai,
        if_installed("openai", "the openai package fits Rasa 3.6"),
    ),
    Check("packaging", "Rasa can start", environment.packaging, if_installed("packaging", "Rasa can start")),
    Check(
        "pydantic",
        "pydantic fits Rasa 3.6",
        environment.pydantic,
        if_installed("pydantic", "pydantic fits Rasa 3.6"),
    ),
    Check(
        "workers",
        "the variables here ask for one worker in each process, or Redis joins them",
        environment.workers,
    ),
    Check("descriptors", "this process can hold many connections", environment.descriptors),
    Check("response timeout", "no variable here makes Sanic cut open streams", environment.response_timeout),
    Check("files", "autoplay.yml, credentials, domain, rule and golden paths agree", files.files),
    Check(
        "actions import",
        "the actions module imports rasa_autoplay.actions",
        files.actions_import,
        if_true(files.needs_actions_module, "the actions module imports rasa_autoplay.actions"),
    ),
    Check(
        "action endpoint",
        "endpoints.yml names the action server",
        files.action_endpoint,
        if_true(lambda project: project.engine_url, "endpoints.yml names the action server"),
    ),
    Check("empty messages", "the bot does not greet a widget that connects", files.empty_messages),
    Check(
        "sources",
        "at least one source of events is configured",
        credentials.sources,
        if_channel("at least one source of events is configured"),
    ),
    Check(
        "owners",
        "each user action is reported by one source",
        credentials.owners,
        if_channel("each user action is reported by one source"),
    ),
    Check("chat", "credentials.yml has a chat channel", credentials.chat),
    Check(
        "session_persistence",
        "the bot can address a chat window",
        credentials.session_persistence,
        if_chat("the bot can address a chat window"),
    ),
    Check(
        "metadata_key",
        "the chat knows which user writes",
        credentials.metadata_key,
        if_chat("the chat knows which user writes"),
    ),
    Check(
        "origins",
        "allowed_origins names the app",
        credentials.origins,
        if_channel("allowed_origins names the app"),
    ),
    Check(
        "identity",
        "no browser can speak for another user",
        credentials.identity,
        if_channel("no browser can speak for another user"),
    ),
    Check(
        "other channels",
        "every channel of the bot asks for a user token",
        credentials.other_channels,
        if_channel("every channel of the bot asks for a user token"),
    ),
    Check(
        "link secret",
        "link.secret and AUTOPLAY_LINK_SECRET are both set here, or neither is",
        environment.link_secret,
        if_true(
            environment.has_direct_link,
            "link.secret and AUTOPLAY_LINK_SECRET are both set here, or neither is",
        ),
    ),
    Check(
        "redis",
        "both files name the same Redis",
        shared.redis,
        if_true(lambda project: project.rasa_redis, "both files name the same Redis"),
    ),
    Check(
        "shared",
        "servers share their database, conversations and locks",
        shared.shared,
        if_true(
            lambda project: project.is_scaled_out, "servers share their database, conversations and locks"
        ),
    ),
    Check("project key", "no personal PostHog key is used", credentials.project_key),
    Check(
        "llm key",
        "OPENAI_API_KEY is set here",
        environment.llm_key,
        if_true(lambda project: project.engine.get("llm"), "OPENAI_API_KEY is set here"),
    ),
    Check("pauses", "no trigger is paused", pauses.pauses, pauses.saw_pauses),
)

#: Checks of the host app's pages; they run only if the doctor was given pages.
PAGE_CHECKS: tuple[Check[Project], ...] = (
    Check("script", "autoplay.js is on the page, before the chat widget", pages.script),
    Check(
        "user ids", "posthog-js, autoplay.js and the widget name the same user", pages.user_ids, saw_user_ids
    ),
    Check(
        "api host",
        "posthog-js sends to the Rasa server",
        pages.api_host,
        if_on_page("posthog.init", "posthog-js sends to the Rasa server"),
    ),
    Check(
        "clicks",
        "posthog-js reports clicks",
        pages.clicks,
        if_on_page("posthog.init", "posthog-js reports clicks"),
    ),
    Check(
        "batching",
        "posthog-js sends events at once",
        pages.batching,
        if_on_page("posthog.init", "posthog-js sends events at once"),
    ),
    Check(
        "tour library",
        "the page loads the tour library",
        pages.tour_library,
        if_true(pages.has_foreign_tours, "the page loads the tour library"),
    ),
    Check(
        "greeting",
        "the widget does not greet by itself",
        pages.greeting,
        if_on_page("WebChat", "the widget does not greet by itself"),
    ),
    Check(
        "widget session",
        "a closed chat has a session",
        pages.widget_session,
        if_on_page("WebChat", "a closed chat has a session"),
    ),
    Check(
        "widget storage",
        "each tab has its own conversation",
        pages.widget_storage,
        if_on_page("WebChat", "each tab has its own conversation"),
    ),
    Check(
        "widget lines",
        "the chat shows each step on its own line",
        pages.widget_lines,
        if_on_page("WebChat", "the chat shows each step on its own line"),
    ),
    Check(
        "page views",
        "posthog-js reports page views",
        pages.page_views,
        if_on_page("posthog.init", "posthog-js reports page views"),
    ),
    Check(
        "user e-mail",
        "events carry the user's e-mail address",
        pages.user_email,
        if_on_page("posthog.identify", "events carry the user's e-mail address"),
    ),
)
