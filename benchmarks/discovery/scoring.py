"""Scores a folder of proposals against the truth. The rules are stated in README.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.discovery.acts import Act
from benchmarks.discovery.claims import Claim, ClaimedAct, read_claims
from benchmarks.discovery.matching import is_act, is_neutral, path_of
from benchmarks.discovery.truth import Truth, World

__all__ = ["MAX_DUPLICATES", "Score", "score"]

#: More duplicates than these count as false proposals.
MAX_DUPLICATES = 5
_PRECISION, _RECALL, _IN_ORDER = 0.6, 0.6, 0.8


@dataclass
class Score:
    """How well a folder of proposals covers what was planted.

    Args:
        found: the proposal that meets each truth, by the truth's id.
        missed: ids of the truths that no proposal meets.
        duplicates: proposals of truths that another proposal meets, and those truths.
        related: proposals that describe a part of a truth, or the truth as another kind; one for each truth.
        false: all other proposals, and why people could not use them, if so.
    """

    found: dict[str, str] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    duplicates: dict[str, str] = field(default_factory=dict)
    related: dict[str, str] = field(default_factory=dict)
    false: dict[str, str] = field(default_factory=dict)

    @property
    def false_count(self) -> int:
        """How many proposals count as false."""
        return len(self.false) + max(0, len(self.duplicates) - MAX_DUPLICATES)


def score(folder: Path, world: World) -> Score:
    """Score proposals.

    Args:
        folder: what ``discover --out`` has written.
        world: the truth.
    """
    claims = read_claims(folder)
    met = {claim.id: [] if claim.trouble else _met(claim, world) for claim in claims}
    by_truth = _assign(met, [truth.id for truth in world.truths])
    result = Score(found=by_truth, missed=[t.id for t in world.truths if t.id not in by_truth])
    used, related = set(by_truth.values()), set[str]()
    for claim in claims:
        if claim.id in used:
            continue
        if met[claim.id]:
            result.duplicates[claim.id] = met[claim.id][0]
            continue
        part = "" if claim.trouble else _related(claim, world)
        if not part:
            result.false[claim.id] = claim.trouble or f"a {claim.kind or 'proposal'} that meets no truth"
        elif part in related:
            result.duplicates[claim.id] = part
        else:
            related.add(part)
            result.related[claim.id] = part
    return result


def _assign(met: dict[str, list[str]], truths: Sequence[str]) -> dict[str, str]:
    """Give each truth one of the proposals that meet it, such that as many truths as possible have one."""
    given: dict[str, str] = {}

    def give(claim: str, tried: set[str]) -> bool:
        for truth in met[claim]:
            if truth not in tried:
                tried.add(truth)
                if truth not in given or give(given[truth], tried):
                    given[truth] = claim
                    return True
        return False

    for claim in met:
        give(claim, set())
    return {truth: given[truth] for truth in truths if truth in given}


def _met(claim: Claim, world: World) -> list[str]:
    """Return the truths that a proposal meets in full."""
    return [
        truth.id
        for truth in world.truths
        if (not claim.kind or claim.kind in _KINDS[truth.kind]) and _RULES[truth.kind](claim, truth, world)
    ]


#: Which kinds of proposals may meet a truth: the last two differ only in how many know the fast way.
_KINDS = {
    "workflow": {"workflow"},
    "repetition": {"repetition"},
    "detour": {"detour", "unused_feature"},
    "unused_feature": {"unused_feature", "detour"},
    "stall": {"stall"},
}


def _precision(claimed: Sequence[ClaimedAct], acts: Sequence[Act], truth: Truth, world: World) -> float:
    """Return the share of the claimed acts that are planted; the way to the first page does not count."""
    hits = misses = 0
    for each in claimed:
        if any(is_act(each, act) for act in acts):
            hits += 1
        elif not is_neutral(each, world.menu, truth.entry):
            misses += 1
    return hits / (hits + misses) if hits else 0.0


def _has(claimed: Sequence[ClaimedAct], acts: Sequence[Act]) -> float:
    """Return the share of the planted acts that are claimed; 1 if there are none."""
    return sum(any(is_act(each, act) for each in claimed) for act in acts) / len(acts) if acts else 1.0


def _keys(acts: Sequence[Act]) -> list[Act]:
    return [act for act in acts if act.is_key]


def _needed(acts: Sequence[Act]) -> list[Act]:
    """Return the acts that are always done and have a name."""
    return [
        act
        for act in acts
        if act.share >= 1 and act.kind != "view" and act.labels and act.labels[0] != "{name}"
    ]


def _is_workflow(claim: Claim, truth: Truth, world: World) -> bool:
    steps, needed = claim.steps, _needed(truth.slow)
    return (
        _has(steps, needed) >= _RECALL
        and sum(any(is_act(each, act) for each in steps) for act in needed) >= 2
        and _precision(steps, truth.slow, truth, world) >= _PRECISION
        and _has([*steps, *claim.goal], _keys(truth.slow)) == 1
        and _in_order(steps, truth.slow) >= _IN_ORDER
    )


def _in_order(claimed: Sequence[ClaimedAct], acts: Sequence[Act]) -> float:
    """Return the share of the claimed acts that come in the planted order; a form's fields in any."""
    places = [[at for at, act in enumerate(acts) if is_act(each, act)] for each in claimed]
    groups = _groups(acts)
    line, matched = list[int](), 0
    for options in filter(None, places):
        matched += 1
        later = [groups[at] for at in options if not line or groups[at] >= line[-1]]
        if later:
            line.append(min(later))
    return len(line) / matched if matched else 0.0


def _groups(acts: Sequence[Act]) -> list[int]:
    """Number the acts; neighbouring fields have the same number, because people fill them in in any order."""
    numbers, number = list[int](), 0
    for index, act in enumerate(acts):
        number += not (index and act.kind == "type" and acts[index - 1].kind == "type")
        numbers.append(number)
    return numbers


def _is_repetition(claim: Claim, truth: Truth, world: World) -> bool:
    if not (_is_on_its_pages(claim, truth) and _goes_slow(claim, truth, world, 1)):
        return False
    if truth.fast:
        return _goes_fast(claim, truth, world)
    # Nothing does it at once, so nothing may be promised.
    return all(any(is_act(each, act) for act in truth.slow) for each in [*claim.fast, *claim.steps])


def _is_detour(claim: Claim, truth: Truth, world: World) -> bool:
    return (
        _is_on_its_pages(claim, truth)
        and _goes_slow(claim, truth, world, _RECALL)
        and _goes_fast(claim, truth, world)
    )


def _is_on_its_pages(claim: Claim, truth: Truth) -> bool:
    pages = {truth.entry, *(act.page for act in [*truth.slow, *truth.fast])}
    return not claim.page or path_of(claim.page) in pages


def _goes_slow(claim: Claim, truth: Truth, world: World, recall: float) -> bool:
    """Whether the acts of the slow way, or those of the trigger, are those that were planted."""
    way = claim.slow or claim.fires_on
    return (
        _has([*claim.slow, *claim.fires_on], _keys(truth.slow)) >= recall
        and max(_precision(each, truth.slow, truth, world) for each in (way, claim.fires_on)) >= _PRECISION
    )


def _goes_fast(claim: Claim, truth: Truth, world: World) -> bool:
    """Whether the acts of the fast way, or those of the golden path, are those that were planted."""
    ways = [way for way in (claim.fast, claim.steps) if way] or [claim.unless]
    return (
        _has([*claim.fast, *claim.steps, *claim.unless], _keys(truth.fast)) >= 0.5
        and max(_precision(each, truth.fast, truth, world) for each in ways) >= _PRECISION
    )


def _is_stall(claim: Claim, truth: Truth, world: World) -> bool:
    at = next(act for act in truth.slow if act.labels == truth.at)
    slow = claim.slow or claim.fires_on
    named = [*claim.slow, *claim.fires_on, *claim.fast, *claim.steps, *claim.goal]
    here = [act for act in truth.slow if act.page == at.page and act.kind != "view"]
    is_here = path_of(claim.page) == at.page or _has(slow, [at]) == 1
    is_about = any(is_act(each, act) for each in named for act in [*here, *_keys(truth.slow)])
    return is_here and is_about and _precision(slow, truth.slow, truth, world) >= _PRECISION


_RULES: dict[str, Callable[[Claim, Truth, World], bool]] = {
    "workflow": _is_workflow,
    "repetition": _is_repetition,
    "detour": _is_detour,
    "unused_feature": _is_detour,
    "stall": _is_stall,
}


def _related(claim: Claim, world: World) -> str:
    """Return the truth of which a proposal describes one way truly; empty without one."""
    ways = [claim.slow or claim.fires_on] if claim.kind != "workflow" else []
    ways += [claim.steps] if claim.steps else []
    for truth in world.truths if ways else ():
        for acts in (truth.slow, truth.fast):
            if acts and all(_is_way(way, acts, truth, world) for way in ways):
                return truth.id
    return ""


def _is_way(claimed: Sequence[ClaimedAct], acts: Sequence[Act], truth: Truth, world: World) -> bool:
    return _has(claimed, _keys(acts)) == 1 and _precision(claimed, acts, truth, world) >= _PRECISION
