"""Checks Rasa's own files: the channels, and the domain and rule for proactive messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channel import SECTION, ChannelSettings
from rasa_autoplay.settings.credentials_file import OUR_CHAT, STOCK_CHAT, reject_two_chat_channels
from rasa_autoplay.settings.other_channels import channels_without_tokens, describe_risk
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings

__all__ = ["check_credentials", "check_domain", "check_rule", "leads_to_action"]

INTENT = "EXTERNAL_proactive"
ENTITY = SLOT = "proactive_text"
ACTION = "action_send_proactive"

#: The bot needs one of these chat channels for Open chat.
CHATS = (OUR_CHAT, STOCK_CHAT)
_REMEDY = "Copy it from the example's domain.yml and data/autoplay.yml."


def check_credentials(path: Path, engine_file: YamlFile | None, findings: Findings) -> None:
    """Check the channel's section of ``credentials.yml``, and that both files name the same product.

    Args:
        path: the file.
        engine_file: ``autoplay.yml``; None if it cannot be read.
        findings: collects the errors and warnings.
    """
    with findings:
        file = YamlFile(path)
        data = file.data()
        if SECTION not in data:
            raise ConfigError(f"{path.name}:1: the section {SECTION} is missing, so no events arrive.")
        if not any(chat in data for chat in CHATS):
            findings.warn(
                f"{path.name}:1: there is no chat channel ({' or '.join(CHATS)}), so Open chat has no window "
                "to open."
            )
        _warn_about_other_channels(file, data, findings)
        with findings:
            reject_two_chat_channels(file)
        with findings:
            file.read_as(ChannelSettings, data[SECTION] or {}, (SECTION,))
        _check_product(file, data[SECTION], engine_file)


def _warn_about_other_channels(file: YamlFile, data: Mapping[str, Any], findings: Findings) -> None:
    section = data[SECTION]
    identity = section.get("identity") if isinstance(section, Mapping) else None
    for name in channels_without_tokens(map(str, data)):
        line = file.line_of([name])
        findings.warn(f"{file.path.name}:{line}: {describe_risk([name], identity)}.")


def _check_product(file: YamlFile, section: object, engine_file: YamlFile | None) -> None:
    ours = section.get("product_id") if isinstance(section, Mapping) else None
    try:
        theirs = engine_file.data().get("product_id") if engine_file else None
    except ConfigError:
        return  # already reported
    if engine_file and ours and theirs and ours != theirs:
        place = f"{engine_file.path.name}:{engine_file.line_of(['product_id'])}"
        raise file.error(
            [SECTION, "product_id"],
            f"{ours!r} is not the product_id of {place}, {theirs!r}: they must agree.",
        )


def check_domain(path: Path, findings: Findings) -> None:
    """Check the intent, entity, slot and action for proactive messages.

    Args:
        path: ``domain.yml``, or a folder whose files together are the domain.
        findings: collects the errors.
    """
    sections: dict[str, set[str]] = {}
    for file in _readable(path, findings):
        for section, content in file.items():
            sections.setdefault(section, set()).update(_names(content))
    needed = (("intents", INTENT), ("entities", ENTITY), ("slots", SLOT), ("actions", ACTION))
    for section, name in needed if sections else ():
        if name not in sections.get(section, ()):
            findings.lines.append(f"{path.name}: {section}: {name} is missing. {_REMEDY}")


def check_rule(path: Path, findings: Findings) -> None:
    """Check that a rule leads from the intent to the action.

    Args:
        path: the file or folder of the training data.
        findings: collects the errors.
    """
    if not path.exists():
        findings.lines.append(f"{path}: there is no such file or folder.")
    elif not leads_to_action(path, findings):
        findings.lines.append(f"{path.name}: no rule leads from {INTENT} to {ACTION}. {_REMEDY}")


def leads_to_action(path: Path, findings: Findings) -> bool:
    """Whether some rule leads from the intent to the action.

    Args:
        path: the file or folder of the training data.
        findings: collects errors about unreadable files.
    """
    rules = [rule for file in _readable(path, findings) for rule in _dicts(file.get("rules"))]
    return any(_runs_action(list(_dicts(rule.get("steps")))) for rule in rules)


def _readable(path: Path, findings: Findings) -> Iterator[Mapping[str, Any]]:
    if not path.exists():
        findings.lines.append(f"{path}: there is no such file or folder.")
        return
    files = sorted(f for f in path.rglob("*") if f.suffix in (".yml", ".yaml")) if path.is_dir() else [path]
    for file in files:
        content: Mapping[str, Any] = {}
        with findings:
            content = YamlFile(file).data()
        yield content


def _names(content: object) -> Iterator[str]:
    """Yield the names in a mapping or a list; a list's entry may be a mapping of a name to its settings."""
    for entry in content if isinstance(content, Iterable) and not isinstance(content, str) else ():
        yield from map(str, entry) if isinstance(entry, Mapping) else (str(entry),)


def _dicts(content: object) -> Iterator[Mapping[str, Any]]:
    yield from (entry for entry in content if isinstance(entry, Mapping)) if isinstance(content, list) else ()


def _runs_action(steps: Sequence[Mapping[str, Any]]) -> bool:
    after = [step for at, step in enumerate(steps) if any(s.get("intent") == INTENT for s in steps[:at])]
    return any(step.get("action") == ACTION for step in after)
