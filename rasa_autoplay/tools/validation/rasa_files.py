"""Checks Rasa's own files: the channels, and the domain and rule for proactive messages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.common.conversation.proactive import PROACTIVE_ACTION, PROACTIVE_ENTITY, PROACTIVE_INTENT
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channel import SECTION, ChannelSettings
from rasa_autoplay.settings.channels_file import open_channels_file
from rasa_autoplay.settings.credentials_file import OUR_CHAT, STOCK_CHAT, reject_two_chat_channels
from rasa_autoplay.settings.engine_place import check_shared
from rasa_autoplay.settings.other_channels import channels_without_tokens, describe_risk
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.project_files import yaml_files

__all__ = ["check_credentials", "check_proactive_rule", "leads_to_action"]

INTENT = PROACTIVE_INTENT
ENTITY = SLOT = PROACTIVE_ENTITY
ACTION = PROACTIVE_ACTION

#: The bot needs one of these chat channels for Open chat.
CHATS = (OUR_CHAT, STOCK_CHAT)
_IN_DOMAIN = (("intents", INTENT), ("entities", ENTITY), ("slots", SLOT), ("actions", ACTION))
#: The parts in the domain, and the rule.
_PARTS = len(_IN_DOMAIN) + 1
_REMEDY = (
    "`rasa-autoplay init --with-intent` adds it; or write chat: {say: event} in credentials.yml, which needs "
    "none of this."
)


def check_credentials(path: Path, engine_file: YamlFile | None, findings: Findings) -> None:
    """Check the channel's section of ``credentials.yml``, and that both files name the same product.

    Args:
        path: the file.
        engine_file: ``autoplay.yml``; None if it cannot be read.
        findings: collects the errors and warnings.
    """
    with findings:
        file = open_channels_file(path)
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
            settings = file.read_as(ChannelSettings, data[SECTION] or {}, (SECTION,))
            if settings.identity == "none":
                findings.warn(
                    f"{file.path.name}:{file.line_of([SECTION, 'identity'])}: {SECTION}.identity: with none, "
                    "any browser may speak for any user. Use it only for trials (docs/security.md)."
                )
            if settings.identity == "none" and settings.consent == "required":
                findings.warn(
                    f"{file.path.name}:{file.line_of([SECTION, 'consent'])}: {SECTION}.consent: required "
                    "protects nobody with identity: none, because any browser may give consent for any user."
                )
            if settings.engine == "in_process" and engine_file is not None:
                check_shared(settings.shared is not None, "shared" in engine_file.data())
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
    are_texts = isinstance(ours, str) and isinstance(theirs, str)  # others are errors of their own
    if engine_file and are_texts and ours and theirs and ours != theirs:
        place = f"{engine_file.path.name}:{engine_file.line_of(['product_id'])}"
        raise file.error(
            [SECTION, "product_id"],
            f"{ours!r} is not the product_id of {place}, {theirs!r}: they must agree.",
        )


def check_proactive_rule(domain: Path, data: Path, credentials: Path, findings: Findings) -> None:
    """Check the intent, entity, slot, action and rule for proactive messages, if the bot speaks by intent.

    A project that has none of them speaks by event, unless ``chat.say`` demands the intent.

    Args:
        domain: ``domain.yml``, or a folder whose files together are the domain.
        data: the file or folder of the training data.
        credentials: ``credentials.yml``.
        findings: collects the errors.
    """
    known = len(findings.lines)
    missing = [*_missing_in_domain(domain, findings), *_missing_rule(data, findings)]
    if len(findings.lines) > known:
        return  # what cannot be read may contain the parts
    say = _say_of(credentials)
    if say == "intent" or (say != "event" and len(missing) < _PARTS):
        findings.lines += missing


def _missing_in_domain(path: Path, findings: Findings) -> Iterator[str]:
    sections: dict[str, set[str]] = {}
    for file in _readable(path, findings):
        for section, content in file.items():
            sections.setdefault(section, set()).update(_names(content))
    for section, name in _IN_DOMAIN:
        if name not in sections.get(section, ()):
            yield f"{path.name}: {section}: {name} is missing. {_REMEDY}"


def _missing_rule(path: Path, findings: Findings) -> Iterator[str]:
    if not leads_to_action(path, findings):
        yield f"{path.name}: no rule leads from {INTENT} to {ACTION}. {_REMEDY}"


def _say_of(credentials: Path) -> str:
    """How the bot speaks; files that cannot be read are reported elsewhere."""
    with contextlib.suppress(ConfigError):
        section = open_channels_file(credentials).data().get(SECTION)
        chat = section.get("chat") if isinstance(section, Mapping) else None
        return str(chat.get("say")) if isinstance(chat, Mapping) else ""
    return ""


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
    for file in yaml_files(path):
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
