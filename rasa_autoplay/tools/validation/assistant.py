"""Checks what depends on the kind of assistant: how the bot speaks, and where the engine runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rasa_autoplay.settings.assistant_kind import AssistantKind, assistant_kind, needs_engine_in_process
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.channels_file import open_channels_file
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.rasa_files import check_proactive_rule

__all__ = ["check_assistant"]


def check_assistant(folder: Path, domain: Path, data: Path, credentials: Path, findings: Findings) -> None:
    """Check that the channel's settings suit the assistant.

    Args:
        folder: the project's folder.
        domain: ``domain.yml``, or a folder whose files together are the domain.
        data: the file or folder of the training data.
        credentials: the file that lists the channels; another check reports its own errors.
        findings: collects the errors.
    """
    kind = assistant_kind(folder)
    if kind is AssistantKind.RULES:
        check_proactive_rule(domain, data, credentials, findings)
    if credentials.is_file():
        if kind is not AssistantKind.RULES:
            _check_say(kind, credentials, findings)
        if needs_engine_in_process(folder):
            _check_engine(credentials, findings)


def _check_say(kind: AssistantKind, credentials: Path, findings: Findings) -> None:
    with findings:
        file = open_channels_file(credentials)
        if file.value_at([SECTION, "chat", "say"]) == "intent":
            raise file.error(
                [SECTION, "chat", "say"], f"an assistant with {kind.value} ignores intents. Write: say: auto"
            )


def _check_engine(credentials: Path, findings: Findings) -> None:
    with findings:
        file = open_channels_file(credentials)
        section = file.value_at([SECTION])
        if not isinstance(section, Mapping):
            return
        link = section.get("link")
        is_elsewhere = isinstance(link, Mapping) and link.get("url")
        if section.get("engine") != "in_process" and not is_elsewhere:
            raise file.error(
                [SECTION],
                "this project has no action server that could run the engine. Write: engine: in_process",
            )
