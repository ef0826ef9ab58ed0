"""What ``credentials.yml`` says, where it is valid and yet not what is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from rasa_autoplay.settings.other_channels import untokened_channels, what_they_could_do
from rasa_autoplay.tools.doctor.base import Problem, error, warning
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
    """Open chat needs a chat channel."""
    name = "rasa_autoplay.chat_channel.AutoplaySocketIOInput"
    if project.chat is None:
        yield error(
            "credentials.yml has no chat channel: Open chat has nowhere to go",
            f"{name}: {{session_persistence: true, metadata_key: customData}}",
        )


def session_persistence(project: Project) -> Iterator[Problem]:
    """A chat keeps its session id, which is how the bot finds the window."""
    if project.chat and not project.chat[1].get("session_persistence"):
        yield error(
            f"{project.chat[0]}: session_persistence is not set: bubbles go to a window that is not there",
            "session_persistence: true",
        )


def metadata_key(project: Project) -> Iterator[Problem]:
    """The widget's custom data, with the user's id, reach the bot."""
    if project.chat and project.chat[1].get("metadata_key") != "customData":
        yield warning(
            f"{project.chat[0]}: metadata_key is {project.chat[1].get('metadata_key')!r}: the chat does not "
            "know which user writes",
            "metadata_key: customData (rasa-webchat sends customData; another name where yours does)",
        )


def origins(project: Project) -> Iterator[Problem]:
    """Pages of the app may ask the copilot."""
    allowed = project.channel.get("allowed_origins") or []
    if project.channel and not allowed:
        yield error(
            "allowed_origins is empty: only pages of the Rasa server itself may use the copilot",
            'allowed_origins: ["https://app.example.com"]: scheme and host of your app',
        )
    if "*" in allowed:
        yield warning("allowed_origins has *: any web site may use it", "name your app's origins")


def identity(project: Project) -> Iterator[Problem]:
    """Users are signed in wherever strangers can come."""
    hosts = [urlsplit(str(origin)).hostname for origin in project.channel.get("allowed_origins") or []]
    public = sorted({host for host in hosts if host and host not in _LOCAL})
    if project.channel.get("identity") == "none" and public:
        yield warning(
            f"identity: none, and {public[0]} is public: any browser may speak for any user",
            "identity: report_only, then required, with a jwt_key: docs/security.md",
        )


def other_channels(project: Project) -> Iterator[Problem]:
    """No channel lets anybody speak for others."""
    names = untokened_channels(map(str, project.credentials))
    if project.channel and names:
        yield warning(
            what_they_could_do(names, project.channel.get("identity")),
            "take out of credentials.yml what you do not need",
        )


def sources(project: Project) -> Iterator[Problem]:
    """Events come from somewhere."""
    if project.channel and not any(project.channel.get(name) for name in _SOURCES):
        yield error("no source of events is set: nothing is ever seen", "capture: true, or docs/sources.md")


def owners(project: Project) -> Iterator[Problem]:
    """What a user does is told once: of two that tell it, one is only counted."""
    for group in (_VENDOR, _POSTHOG):
        told = [name for name in group if project.channel.get(name)]
        if len(told) > 1:
            yield warning(f"{' and '.join(told)} tell of the same actions", f"keep one of them: {told[0]}")


def project_key(project: Project) -> Iterator[Problem]:
    """posthog-js has the project key, never a personal one, which is a secret."""
    texts = dict(project.pages)
    for name in ("credentials.yml", "autoplay.yml"):
        file = project.folder / name
        texts[name] = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    for name, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            if _PERSONAL_KEY.search(line):
                yield error(
                    f"{name}:{number}: a personal key (phx_…), which is a secret",
                    "revoke it, and write the project key (phc_…)",
                )
