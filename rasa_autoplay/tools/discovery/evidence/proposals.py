"""Writes the proposals of a run of discover: tests each finding on held-out days, and writes its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.discovery.evidence.assembly import evidence_of
from rasa_autoplay.tools.discovery.evidence.figures import Evidence
from rasa_autoplay.tools.discovery.evidence.folder import Written, clean_up, write_folder
from rasa_autoplay.tools.discovery.evidence.material import material_of
from rasa_autoplay.tools.discovery.evidence.overlaps import not_compared
from rasa_autoplay.tools.discovery.evidence.page import page_of
from rasa_autoplay.tools.discovery.evidence.plots import plots_of
from rasa_autoplay.tools.discovery.evidence.prepared import Prepared, prepare
from rasa_autoplay.tools.discovery.evidence.selection import RecordedDays, Selection
from rasa_autoplay.tools.discovery.evidence.stages import why_left_alone
from rasa_autoplay.tools.discovery.evidence.trials import run_trials
from rasa_autoplay.tools.discovery.evidence.trigger_file import with_comments
from rasa_autoplay.tools.discovery.evidence.words import Reword, Sober
from rasa_autoplay.tools.discovery.findings.finding import Finding

__all__ = ["ReadAgain", "WrittenProposals", "write_proposals"]

#: Reads some sessions of the recordings again.
ReadAgain = Callable[[frozenset[str]], Iterable[Moment]]


@dataclass
class WrittenProposals:
    """What has become of the findings.

    Args:
        written: the evidence of each written proposal, with what has become of its folder, in the order of
            the findings.
        left_alone: why others were not written, by id.
        not_reworded: the proposals for which a language model had no usable words.
    """

    written: list[tuple[Evidence, Written]] = field(default_factory=list)
    left_alone: dict[str, str] = field(default_factory=dict)
    not_reworded: list[str] = field(default_factory=list)


def write_proposals(
    findings: Sequence[Finding],
    days: RecordedDays,
    read_again: ReadAgain,
    base: Configuration,
    root: Path,
    *,
    processes: int = 0,
    tested: Callable[[int], object] = int,
    reword: Reword | None = None,
) -> WrittenProposals:
    """Write a folder for each finding.

    Args:
        findings: what was found on the first days, best first.
        days: what was recorded on which days.
        read_again: returns the moments of sessions, in any order; others are left out.
        base: the team's files.
        root: the folder of proposals; it is created.
        processes: how many processes replay; 0 for one on each core.
        tested: called with the number of additional proposals tested.
        reword: lets a language model word the texts for users; None to keep ours.

    Raises:
        ConfigError: the folder cannot be written.
    """
    clean_up(root)
    result = WrittenProposals()
    wanted = _wanted(findings, root, base, result)
    if not wanted:
        return result
    selection = Selection(days.sessions, frozenset(e.session_id for f in wanted for e in f.examples))
    material = material_of(read_again(selection.all), selection)
    prepared = _prepared(wanted, base, material.language, result)
    has_test = days.split.has_test
    trials = run_trials(prepared, material.users, base, processes, tested) if has_test else []
    if reword is not None:
        prepared = _reworded(prepared, base, reword, result)
    for number, proposal in enumerate(prepared):
        trial = trials[number] if has_test else None
        evidence = evidence_of(proposal, trial, material, days, not_compared(base))
        written = write_folder(root, evidence.id, _files(proposal, evidence))
        result.written.append((evidence, written))
    return result


def _wanted(
    findings: Sequence[Finding], root: Path, base: Configuration, result: WrittenProposals
) -> list[Finding]:
    autoplay = YamlFile(Path(base.name), base.text.encode()).raw()
    wanted = []
    for finding in findings:
        if reason := why_left_alone(root, finding.id, autoplay):
            result.left_alone[finding.id] = reason
        else:
            wanted.append(finding)
    return wanted


def _prepared(
    findings: Sequence[Finding], base: Configuration, language: str, result: WrittenProposals
) -> list[Prepared]:
    prepared = []
    for finding in findings:
        try:
            prepared.append(prepare(finding, base, language or base.settings.language))
        except ConfigError as problem:
            result.left_alone[finding.id] = f"the engine would not load it: {problem.message.rstrip('.')}"
    return prepared


def _reworded(
    proposals: Sequence[Prepared], base: Configuration, reword: Reword, result: WrittenProposals
) -> list[Prepared]:
    found = []
    words = reword([Sober(each.question, each.content) for each in proposals])
    for proposal, own in zip(proposals, words, strict=True):
        try:
            if own is None:
                raise ConfigError("The model had no usable words.")
            found.append(proposal.reworded(base, own))
        except ConfigError:
            found.append(proposal)
            result.not_reworded.append(proposal.finding.id)
    return found


def _files(proposal: Prepared, evidence: Evidence) -> dict[str, str]:
    plots = plots_of(evidence)
    verdict = _FIRST_WORDS[evidence.verdict.kind.value]
    figures = msgspec.json.format(msgspec.json.encode(evidence), indent=2).decode()
    return {
        "trigger.yml": with_comments(proposal.trigger, proposal.finding, proposal.version, verdict),
        **({"path.yml": proposal.path} if proposal.path else {}),
        "evidence.md": page_of(evidence, plots),
        "evidence.json": f"{figures}\n",
        **{plot.name: plot.content for plot in plots},
    }


_FIRST_WORDS = {
    "recommended": "The back-test speaks for it.",
    "uncertain": "The back-test speaks neither for it nor against it.",
    "not_recommended": "Not recommended: the back-test speaks against it.",
    "not_tested": "It could not be tested on other days.",
}
