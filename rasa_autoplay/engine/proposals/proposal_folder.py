"""The folder of proposals: lists and reads them. The methods block, so call them in a thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.tokens import (
    AliasToken,
    BlockEndToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
)

from rasa_autoplay.engine.proposals.backtest import backtest_of
from rasa_autoplay.engine.proposals.folder_files import is_proposal_id, read_text
from rasa_autoplay.engine.proposals.log_entry import LogEntry
from rasa_autoplay.engine.proposals.proposal import Proposal
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["EVIDENCE_JSON", "LOG", "PATH", "TRIGGER", "FoundProposals", "ProposalFolder"]

TRIGGER, PATH, EVIDENCE_JSON, LOG = "trigger.yml", "path.yml", "evidence.json", "log.jsonl"
_MOST_BYTES = {TRIGGER: 20_000, PATH: 100_000, EVIDENCE_JSON: 4_000_000, LOG: 8_000_000}
#: More folders than this are not listed.
_MOST_PROPOSALS = 1_000
#: The trigger can call code of the team, which only a person may write into autoplay.yml.
_FOREIGN_KINDS = ("predicate", "external")
_AGAIN = "Run `rasa-autoplay discover` again, or delete the proposal's folder."
_BEGINS = (
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowMappingStartToken,
    FlowSequenceStartToken,
)
_ENDS = (BlockEndToken, FlowMappingEndToken, FlowSequenceEndToken)
_DEEPEST = 30
_decode_entry = msgspec.json.Decoder(LogEntry).decode


class FoundProposals(NamedTuple):
    """What a folder of proposals holds.

    Args:
        proposals: in order of their ids.
        problems: why others cannot be read, by the folder's name.
    """

    proposals: list[Proposal]
    problems: dict[str, str]


class ProposalFolder:
    """The folder of proposals.

    Args:
        root: the folder; it may be missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def read_all(self) -> FoundProposals:
        """Read every proposal; one that cannot be read hides no other one."""
        found = FoundProposals([], {})
        for name in self._names():
            try:
                found.proposals.append(self.read(name))
            except ConfigError as problem:
                found.problems[name] = str(problem)
        return found

    def read(self, proposal_id: str) -> Proposal:
        """Read one proposal.

        Raises:
            ConfigError: there is none with this id, or its files are wrong.
        """
        folder = self.folder_of(proposal_id)
        trigger_text = _text(folder, TRIGGER)
        if not trigger_text:
            raise ConfigError(f"{folder.name}/{TRIGGER}: there is no such file.", remedy=_AGAIN)
        trigger = _parsed(folder, TRIGGER, trigger_text)
        _check_trigger(folder, trigger, trigger_text)
        path_text = _text(folder, PATH)
        path_id = _path_id(folder, path_text) if path_text else ""
        evidence = _evidence(folder)
        try:
            backtest = backtest_of(evidence)
        except msgspec.ValidationError as problem:
            raise ConfigError(f"{folder.name}/{EVIDENCE_JSON}: backtest: {problem}.", remedy=_AGAIN) from None
        return Proposal(
            proposal_id,
            folder,
            trigger_text,
            trigger,
            path_text,
            path_id,
            str(evidence.get("title") or ""),
            backtest,
            evidence,
            self.read_log(proposal_id),
        )

    def folder_of(self, proposal_id: str) -> Path:
        """Return a proposal's folder.

        Raises:
            ConfigError: there is none with this id, or it is a link.
        """
        folder = self.root / proposal_id if is_proposal_id(proposal_id) else None
        if folder is None or not folder.is_dir():
            raise ConfigError(
                f"There is no proposal {proposal_id[:80]!r} in {self.root.name}/.",
                remedy="`rasa-autoplay propose` lists all proposals.",
            )
        if folder.is_symlink():
            raise ConfigError(f"{folder.name}: this is a link, which is not followed.", remedy=_AGAIN)
        return folder

    def read_log(self, proposal_id: str) -> tuple[LogEntry, ...]:
        """Return the steps of a proposal, in order.

        Raises:
            ConfigError: there is no such proposal, or a line of the log cannot be read.
        """
        folder = self.folder_of(proposal_id)
        return tuple(_entries(folder, _text(folder, LOG)))

    def _names(self) -> list[str]:
        try:
            found = sorted(each.name for each in self.root.iterdir() if each.is_dir())
        except OSError:
            return []
        return [name for name in found if not name.startswith(".")][:_MOST_PROPOSALS]


def _text(folder: Path, name: str) -> str:
    return read_text(folder, name, _MOST_BYTES[name]) or ""


def _parsed(folder: Path, name: str, text: str) -> dict[str, Any]:
    """Return the content of a YAML file that is not built to fill memory."""
    place = f"{folder.name}/{name}"
    try:
        if not _is_harmless(text):
            raise ConfigError(f"{place}: has YAML aliases, or is nested too deeply.", remedy=_AGAIN)
        return YamlFile(folder / name, text.encode()).raw()
    except (YAMLError, RecursionError):
        raise ConfigError(f"{place}: not valid YAML.", remedy=_AGAIN) from None
    except ConfigError as problem:
        message = problem.message.removeprefix(f"{folder.name}/")
        raise ConfigError(f"{folder.name}/{message}", remedy=problem.remedy) from None


def _is_harmless(text: str) -> bool:
    depth = 0
    for token in YAML(typ="safe", pure=True).scan(text):
        depth += isinstance(token, _BEGINS) - isinstance(token, _ENDS)
        if depth > _DEEPEST or isinstance(token, AliasToken):
            return False
    return True


def _check_trigger(folder: Path, trigger: Mapping[str, Any], text: str) -> None:
    place = f"{folder.name}/{TRIGGER}"
    if trigger.get("id") != folder.name:
        raise ConfigError(
            f"{place}: the id is {str(trigger.get('id'))[:80]!r}; it must be the folder's name.",
            remedy=f"Write: id: {folder.name}",
        )
    foreign = next((kind for kind in _FOREIGN_KINDS if trigger.get(kind) is not None), None)
    if foreign is not None or not {"when", "builtin"} & trigger.keys():
        raise ConfigError(
            f"{place}: a proposal is a rule or a built-in{f', not {foreign}' if foreign else ''}.",
            remedy="Write other triggers into autoplay.yml with an editor.",
        )
    if "${" in text:
        raise ConfigError(
            f"{place}: a proposal cannot name environment variables, which can hold secrets.",
            remedy="Write the value itself.",
        )


def _path_id(folder: Path, text: str) -> str:
    path_id = _parsed(folder, PATH, text).get("id")
    if not isinstance(path_id, str) or not is_proposal_id(path_id):
        raise ConfigError(
            f"{folder.name}/{PATH}: {str(path_id)[:80]!r} is not an id for a golden path.",
            remedy="Use letters, digits, - and _.",
        )
    if "${" in text:
        raise ConfigError(
            f"{folder.name}/{PATH}: a proposal cannot name environment variables, which can hold secrets.",
            remedy="Write the value itself.",
        )
    return path_id


def _evidence(folder: Path) -> dict[str, Any]:
    text = _text(folder, EVIDENCE_JSON)
    if not text:
        return {}
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise ConfigError(f"{folder.name}/{EVIDENCE_JSON}: not valid JSON.", remedy=_AGAIN) from None
    if not isinstance(found, dict):
        raise ConfigError(f"{folder.name}/{EVIDENCE_JSON}: must be a JSON object.", remedy=_AGAIN)
    return found


def _entries(folder: Path, text: str) -> Iterator[LogEntry]:
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _decode_entry(line)
        except (msgspec.DecodeError, RecursionError) as problem:
            if number == len(lines):
                return  # a process was killed while it wrote this line; the next step replaces it
            raise ConfigError(
                f"{folder.name}/{LOG}:{number}: this is not an entry of the log: {problem}.",
                remedy="Restore the file from your version control.",
            ) from None
