"""Findings of the same slow way become one proposal; others stay apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.merging import MAX_PROPOSALS, merged


def acts(*names: str) -> tuple[Act, ...]:
    """Clicks; a name that begins with a slash is the view of a page."""
    return tuple(
        Act(name, "", "", "pageview") if name.startswith("/") else Act("/p", "", f"Click {name}", "click")
        for name in names
    )


def finding(
    kind: FindingKind,
    slow: Sequence[str],
    fast: Sequence[str] = (),
    goal: str = "",
    *,
    cost_s: float = 10.0,
    name: str = "one",
) -> Finding:
    trigger = {"id": name, "golden_path": name}
    return Finding(
        kind,
        name,
        "",
        "/p",
        acts(*slow),
        acts(*fast),
        acts(goal)[0] if goal else None,
        9,
        9,
        10,
        3,
        cost_s,
        (),
        trigger,
    )


DETOUR, FEATURE, STALL, WORKFLOW = (
    FindingKind.DETOUR,
    FindingKind.UNUSED_FEATURE,
    FindingKind.STALL,
    FindingKind.WORKFLOW,
)


def test_keeps_the_more_costly_of_two_findings_of_one_slow_way() -> None:
    cheap = finding(DETOUR, "abc", "x", "/done", cost_s=5, name="cheap")
    dear = finding(FEATURE, "abcd", "x", "/done", cost_s=50, name="dear")
    assert [each.id for each in merged([cheap, dear])] == ["dear"]


def test_prefers_a_finding_that_knows_the_fast_way() -> None:
    slow = finding(FindingKind.REPETITION, "abc", cost_s=99, name="slow")
    fast = finding(DETOUR, "abc", "x", cost_s=5, name="fast")
    assert [each.id for each in merged([slow, fast])] == ["fast"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (finding(DETOUR, "abc", ["/done"]), finding(DETOUR, "aef", ["/sent"], name="other")),
        (finding(DETOUR, "abcde", "x"), finding(FEATURE, "a", "y", name="other")),
        (finding(STALL, "abc"), finding(DETOUR, "abc", name="other")),
        (finding(STALL, "abcdef"), finding(WORKFLOW, "uvw", name="other")),
    ],
    ids=["pages at the end", "one act in common", "giving up", "another workflow"],
)
def test_keeps_different_findings_apart(one: Finding, other: Finding) -> None:
    assert len(merged([one, other])) == 2


@pytest.mark.parametrize(("slow", "fast"), [("abcde", ""), ("uvw", "abcde")], ids=["slow", "fast"])
def test_a_workflow_that_is_a_way_of_another_finding_is_left_out(slow: str, fast: str) -> None:
    other = finding(DETOUR, slow, fast, name="other")
    assert merged([finding(WORKFLOW, "abcde"), other]) == [other]


def test_gives_each_proposal_an_id_of_its_own() -> None:
    one, other = merged([finding(DETOUR, "ab", cost_s=9), finding(DETOUR, "uv", cost_s=5)])
    assert (one.id, other.id) == ("one", "one-2")
    assert other.trigger == {"id": "one-2", "golden_path": "one-2"}


def test_order_and_number_do_not_depend_on_the_order_of_findings() -> None:
    many = [finding(DETOUR, [f"a{at}", f"b{at}"], cost_s=at % 7, name=f"n{at}") for at in range(60)]
    result = merged(many)
    assert result == merged(reversed(many))
    assert len(result) == MAX_PROPOSALS
    costs = [each.total_cost_s for each in result]
    assert costs == sorted(costs, reverse=True)


def test_a_click_into_a_field_is_its_change() -> None:
    one = finding(DETOUR, "abc")
    typed = tuple(
        replace(act, title=act.title.replace("Click", "Change"), type="type") for act in one.slow_way
    )
    assert len(merged([one, replace(one, id="other", slow_way=typed)])) == 1
