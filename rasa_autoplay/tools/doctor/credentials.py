"""Checks for settings of ``credentials.yml`` that are valid but probably not intended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from rasa_autoplay.common.checks import Problem, error, warning
from rasa_autoplay.settings.other_channels import channels_without_tokens, describe_risk
from rasa_autoplay.tools.doctor.project import Project

__all__ = [
    "chat",
    "identity",
    "metadata_key",
    "origins",
    "other_channels",
    "owners",
    "project_key",
    "session_persistence",
    "sources",
]

_LOCAL = ("localhost", "127.0.0.1", "::1")
_SOURCES = (
    "capture",
    "posthog_secret",
    "amplitude_secret",
    "fullstory_secret",
    "stream",
    "webhook_secret",
    "live_activity",
)
_VENDOR = ("stream", "webhook_secret", "live_activity")
_POSTHOG = ("capture", "posthog_secret")
_PERSONAL_KEY = re.compile(r"\bphx_\w")


def chat(project: Project) -> Iterator[Problem]:
    """Open chat needs a chat channel in credentials.yml."""
    name = "rasa_autoplay.chat_channel.AutoplaySocketIOInput"
    if project.chat is None:
        yield error(
            "credentials.yml has no chat channel, so Open chat has no window to open",
            f"{name}: {{session_persistence: true, metadata_key: customData}}",
        )


def session_persistence(project: Project) -> Iterator[Problem]:
    """The widget keeps its session id, by which the bot addresses the chat window."""
    if project.chat and not project.chat[1].get("session_persistence"):
        yield error(
            f"{project.chat[0]}: session_persistence is not set, so bubbles go to a window that does not "
            "exist",
            "session_persistence: true",
        )


def metadata_key(project: Project) -> Iterator[Problem]:
    """The widget's custom data, which holds the user's id, reaches the bot."""
    if project.chat and project.chat[1].get("metadata_key") != "customData":
        yield warning(
            f"{project.chat[0]}: metadata_key is {project.chat[1].get('metadata_key')!r}, so the chat does "
            "not "
            "know which user writes",
            "metadata_key: customData (the key that rasa-webchat sends; use your widget's key if it differs)",
        )


def origins(project: Project) -> Iterator[Problem]:
    """Pages of the app may use the copilot."""
    allowed = project.channel.get("allowed_origins") or []
    if project.channel and not allowed:
        yield error(
            "allowed_origins is empty, so only pages of the Rasa server itself may use the copilot",
            'allowed_origins: ["https://app.example.com"], with the scheme and host of your app',
        )
    if "*" in allowed:
        yield warning("allowed_origins has *, so any website may use the copilot", "name your app's origins")


def identity(project: Project) -> Iterator[Problem]:
    """Users show who they are."""
    hosts = [urlsplit(str(origin)).hostname for origin in project.channel.get("allowed_origins") or []]
    public = sorted({host for host in hosts if host and host not in _LOCAL})
    if project.channel.get("identity") == "none":
        who = f"identity is none and {public[0]} is public" if public else "identity is none"
        yield warning(
            f"{who}, so any browser may speak for any user",
            "identity: report_only, then required, with a jwt_key (docs/security.md)",
        )


def other_channels(project: Project) -> Iterator[Problem]:
    """No other channel accepts messages without a user token."""
    names = channels_without_tokens(map(str, project.credentials))
    if project.channel and names:
        yield warning(
            describe_risk(names, project.channel.get("identity")),
            "remove the channels that you do not need from credentials.yml",
        )


def sources(project: Project) -> Iterator[Problem]:
    """At least one source of events is configured."""
    if project.channel and not any(project.channel.get(name) for name in _SOURCES):
        yield error(
            "no source of events is set, so the copilot sees nothing",
            "capture: true, or another source (docs/sources.md)",
        )


def owners(project: Project) -> Iterator[Problem]:
    """One source reports each action; the actions of a second source are only counted."""
    for group in (_VENDOR, _POSTHOG):
        names = [name for name in group if project.channel.get(name)]
        if len(names) > 1:
            yield warning(f"{' and '.join(names)} report the same actions", f"keep one of them: {names[0]}")


def project_key(project: Project) -> Iterator[Problem]:
    """No file holds a personal PostHog key, which is a secret; posthog-js uses the project key."""
    texts = dict(project.pages)
    for name in ("credentials.yml", "autoplay.yml"):
        file = project.folder / name
        texts[name] = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    for name, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            if _PERSONAL_KEY.search(line):
                yield error(
                    f"{name}:{number}: this is a personal key (phx_…), which is a secret",
                    "revoke it, and use the project key (phc_…)",
                )
