"""Puts the figures of a proposal together."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec

from rasa_autoplay.tools.discovery.columns.held_out import HeldOut
from rasa_autoplay.tools.discovery.evidence.back_test import back_test_of
from rasa_autoplay.tools.discovery.evidence.days import weeks_of
from rasa_autoplay.tools.discovery.evidence.examples import examples_of
from rasa_autoplay.tools.discovery.evidence.figures import Evidence, Found, Totals, VerdictKind, Way
from rasa_autoplay.tools.discovery.evidence.labels import masked_line, name_of
from rasa_autoplay.tools.discovery.evidence.material import Material
from rasa_autoplay.tools.discovery.evidence.prepared import Prepared
from rasa_autoplay.tools.discovery.evidence.selection import RecordedDays
from rasa_autoplay.tools.discovery.evidence.trials import Trial
from rasa_autoplay.tools.discovery.evidence.verdict import verdict_of
from rasa_autoplay.tools.discovery.evidence.wording import words_for
from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind

__all__ = ["evidence_of"]

_VERSION = 1
_MAX_TITLE = 300


def evidence_of(
    proposal: Prepared,
    trial: Trial | None,
    material: Material,
    days: RecordedDays,
    uncompared: list[str],
) -> Evidence:
    """Return all figures of a proposal.

    Args:
        proposal: the proposal.
        trial: what its replays have shown; None if no day was held out.
        material: the sessions that were read again.
        days: what was recorded on which days.
        uncompared: existing triggers that were not compared.
    """
    finding = proposal.finding
    test = None
    if trial is not None:
        test = back_test_of(trial.judged, material.users, days.held_out, proposal.ways)
        test = msgspec.structs.replace(test, by_users=days.split.by_users)
    overlap = list(trial.overlap) if trial is not None else []
    verdict = verdict_of(test, proposal.entry, words_for(finding.kind.value))
    if test is not None:
        is_recommended = verdict.kind is not VerdictKind.NOT_RECOMMENDED
        has_reasons = verdict.kind in (VerdictKind.NOT_RECOMMENDED, VerdictKind.NOT_TESTED)
        test = msgspec.structs.replace(
            test,
            found_share=test.found.share if test.found is not None else None,
            is_recommended=is_recommended,
            reasons=(verdict.reason,) if has_reasons else (),
        )
    return Evidence(
        version=_VERSION,
        id=finding.id,
        kind=finding.kind.value,
        title=masked_line(finding.title, _MAX_TITLE),
        page=masked_line(finding.page),
        found=_found(finding, days.split, days.training),
        examples=examples_of(finding, material.examples),
        backtest=test,
        near_misses=trial.near if trial is not None else None,
        overlap=overlap,
        not_compared=uncompared if test is not None else [],
        verdict=verdict,
    )


def _found(finding: Finding, split: HeldOut, recordings: Totals) -> Found:
    weeks = weeks_of(split.training_days) or 1.0
    slow_s = median(each.ended_at - each.began_at for each in finding.examples) if finding.examples else None
    slow_way, fast_way = _acts(finding.slow_way), _acts(finding.fast_way)
    is_compared = bool(finding.fast_way) and finding.kind not in (FindingKind.WORKFLOW, FindingKind.STALL)
    fast_acts = float(len(finding.fast_way))
    slow_acts = fast_acts + finding.extra_acts if is_compared else None
    return Found(
        recordings,
        finding.users,
        finding.sessions,
        finding.times,
        Way(slow_way, slow_acts, None if slow_s is None else round(slow_s, 1)),
        Way(
            fast_way,
            fast_acts if is_compared else None,
            round(max(slow_s - finding.extra_s, 0.0), 1) if is_compared and slow_s is not None else None,
        ),
        round(finding.extra_acts, 1),
        round(finding.extra_s, 1),
        times_per_week=round(finding.times / weeks, 1),
        acts_per_week=round(finding.times * max(finding.extra_acts, 0.0) / weeks, 1),
        seconds_per_week=round(finding.total_cost_s / weeks, 1),
    )


def _acts(acts: Sequence[Act]) -> list[str]:
    return [name_of(act) for act in acts]
