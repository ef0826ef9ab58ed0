"""``evidence.md``: the proof for a proposal, for the person who decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rasa_autoplay.tools.discovery.evidence.back_test import MIN_FIRES, MIN_USERS
from rasa_autoplay.tools.discovery.evidence.examples import TAIL
from rasa_autoplay.tools.discovery.evidence.figures import (
    BackTest,
    Evidence,
    Example,
    Found,
    NearMisses,
    Overlap,
    VerdictKind,
    Way,
)
from rasa_autoplay.tools.discovery.evidence.plots import AFTER, Plot
from rasa_autoplay.tools.discovery.evidence.wording import (
    amount,
    duration,
    escaped,
    interval,
    percent,
    words_for,
)

__all__ = ["page_of"]

_VERDICTS = {
    VerdictKind.RECOMMENDED: "Recommended",
    VerdictKind.UNCERTAIN: "Uncertain",
    VerdictKind.NOT_RECOMMENDED: "Not recommended",
    VerdictKind.NOT_TESTED: "Not tested",
}

#: An existing trigger that shares more of the moments is worth a comparison.
_MUCH_OVERLAP = 0.5


def page_of(evidence: Evidence, plots: Sequence[Plot]) -> str:
    """Return the page in Markdown.

    Args:
        evidence: all figures.
        plots: the pictures, which are files beside the page.
    """
    pictures = {plot.name: f"![{escaped(plot.alt)}]({plot.name})" for plot in plots}
    verdict = evidence.verdict
    change = f" {escaped(verdict.change)}" if verdict.change else ""
    parts: list[Iterator[str]] = [
        iter(
            [
                f"# {escaped(evidence.title)}",
                f"**{_VERDICTS[verdict.kind]}.** {escaped(verdict.reason)}{change}",
            ]
        ),
        _cost(evidence.found, evidence.kind, pictures),
        _back_test(evidence.backtest, evidence.kind, pictures),
        _near_misses(evidence.near_misses),
        _overlap(evidence.overlap, evidence.backtest, evidence.not_compared),
        _examples(evidence.examples),
        _changes(evidence),
    ]
    return "\n\n".join(line for part in parts for line in part) + "\n"


def _cost(found: Found, kind: str, pictures: dict[str, str]) -> Iterator[str]:
    days = found.recordings
    is_workflow = kind == "workflow"
    yield "## What it costs" if not is_workflow else "## How often"
    did = "did this workflow" if is_workflow else "went the slow way"
    yield (
        f"From {days.first_day} to {days.last_day} ({amount(days.days, 'day')} with sessions), "
        f"{found.users:,} of {amount(days.users, 'user')} {did}: {amount(found.times, 'time')}, in "
        f"{found.sessions:,} of {amount(days.sessions, 'session')}."
    )
    if found.extra_acts > 0 or found.extra_s > 0:
        yield (
            f"Each time, it took {amount(found.extra_acts, 'act')} and {duration(max(found.extra_s, 0))} "
            "more than the fast way (medians). For all users together, that is "
            f"{amount(found.acts_per_week, 'act')} and {duration(found.seconds_per_week)} a week."
        )
    if "cost.svg" in pictures:
        yield pictures["cost.svg"]
    yield from _way("The workflow" if is_workflow else "The slow way", found.slow_way)
    if found.fast_way.acts and not is_workflow:
        yield from _way("The fast way", found.fast_way)
    elif not is_workflow:
        yield "No session shows a faster way."


def _way(name: str, way: Way) -> Iterator[str]:
    if way.acts:
        yield f"{name}:"
        runs = [(act, len(list(same))) for act, same in groupby(way.acts)]
        named = (f"{escaped(act)}{f' ({count} times)' if count > 1 else ''}" for act, count in runs)
        yield "\n".join(f"{number}. {act}" for number, act in enumerate(named, 1))


def _back_test(test: BackTest | None, kind: str, pictures: dict[str, str]) -> Iterator[str]:
    yield f"## Back-test on held-out {'users' if test is not None and test.by_users else 'days'}"
    if test is None:
        yield "There is none: the recordings have too few days and users, so nothing was left for a test."
        return
    yield _held_out(test)
    yield (
        f"It fired {amount(test.fires, 'time')} for {amount(test.users, 'user')}: "
        f"{test.fires_per_user_day:.3g} fires per user and day, at most {test.most_per_user_day} for one "
        "user in one day."
    )
    if "days.svg" in pictures:
        yield pictures["days.svg"]
    if test.went_on is None:
        yield (
            "That is too little to say what users did then: it takes "
            f"{MIN_FIRES} fires for {MIN_USERS} users."
        )
    else:
        yield pictures[AFTER]
        yield from _after_a_fire(test, kind)


def _held_out(test: BackTest) -> str:
    """Say for whom the trigger was replayed."""
    days = test.recordings
    is_sample = test.replayed_users < days.users
    sample = f", of which {test.replayed_users:,} were replayed (a sample)" if is_sample else ""
    found = (
        "The recordings have fewer than three days, so 30 % of the users were held out. The trigger was "
        "found among the others, and replayed alone for these users,"
        if test.by_users
        else "The trigger was found on earlier days, and replayed alone on the days from "
        f"{days.first_day} to {days.last_day},"
    )
    return (
        f"{found} with your settings and gates: {amount(days.days, 'day')}, {amount(days.users, 'user')}"
        f"{sample}, {amount(days.sessions, 'session')}."
    )


def _after_a_fire(test: BackTest, kind: str) -> Iterator[str]:
    """Say what users did after a fire."""
    rows = [
        f"| {name} | {share.count:,} | {percent(share.share)} | {interval(share)} |"
        for place, name in words_for(kind).items()
        if (share := getattr(test, place)) is not None
    ]
    yield "\n".join(
        ["| after a fire, the user … | fires | share | 95 % interval |", "| -- | --: | --: | --: |", *rows]
    )
    yield (
        "A user who went on could have used help. One who managed alone within two minutes "
        "would have been disturbed. The intervals count users, because fires of one user resemble "
        "each other."
    )
    if test.found is None:
        yield "No act shows whether a user found a faster way alone, so that share is missing."


def _near_misses(found: NearMisses | None) -> Iterator[str]:
    if found is None:
        return
    yield "## Near misses"
    if not found.sessions:
        yield f"None in {amount(found.sessions_examined, 'examined session')} of users who went the slow way."
        return
    yield (
        f"In {found.sessions:,} of {amount(found.sessions_examined, 'examined session')}, it did not fire, "
        "but only one condition was missing, and it was close:"
    )
    yield "\n".join(
        f"- {escaped(missing)}: {amount(count, 'session')}" for missing, count in found.missing.items()
    )


def _overlap(overlap: Sequence[Overlap], test: BackTest | None, not_compared: Sequence[str]) -> Iterator[str]:
    if test is None or not test.fires:
        return
    yield "## Overlap with your triggers"
    if overlap:
        yield "Offers to the same user within five minutes of a fire of the proposal:"
        yield "\n".join(
            f"- {escaped(each.trigger_id)}: at {amount(each.fires, 'fire')} ({percent(each.share)}); "
            f"it makes offers to {each.users:,} of {amount(test.users, 'user')} on these days"
            for each in overlap
        )
        yield (
            "If they were live when this was recorded, some users found the fast way because of their "
            "offers, not alone."
        )
    else:
        yield "None of your triggers makes an offer to these users in the test."
    if not_compared:
        named = ", ".join(map(escaped, not_compared))
        yield f"Not compared, because they are your own code: {named}."


def _examples(examples: Sequence[Example]) -> Iterator[str]:
    if not examples:
        return
    yield f"## {amount(len(examples), 'example session')}"
    yield "Those nearest to the median. Times count from the first act of the slow way; its acts are bold."
    for example in examples:
        yield f"### {example.name}: {duration(example.duration_s)}"
        yield "\n".join(["| time | act |", "| --: | -- |", *_timeline(example)])


def _timeline(example: Example) -> Iterator[str]:
    page, after_gap = "", len(example.acts) - TAIL if example.left_out else -1
    for place, act in enumerate(example.acts):
        if place == after_gap:
            yield f"| … | {amount(example.left_out, 'more act')} |"
        where = f", on {escaped(act.page)}" if act.page and act.page != page else ""
        page = act.page or page
        name = f"**{escaped(act.act)}**" if act.is_slow_way else escaped(act.act)
        yield f"| {'−' if act.at_s < 0 else '+'}{duration(abs(act.at_s))} | {name}{where} |"


def _changes(evidence: Evidence) -> Iterator[str]:
    yield "## What would change the answer"
    changes = [evidence.verdict.change] if evidence.verdict.change else []
    if evidence.verdict.kind in (VerdictKind.RECOMMENDED, VerdictKind.UNCERTAIN):
        changes.append(
            "The back-test shows who could have used help, not whether this help works. The ghost stage and "
            "the 5 % stage show that."
        )
    if evidence.overlap and evidence.overlap[0].share > _MUCH_OVERLAP:
        changes.append(
            f"{evidence.overlap[0].trigger_id} makes an offer at most of these moments already. If it is "
            "about the same subject, keep only the better one."
        )
    if evidence.backtest is not None and evidence.backtest.by_users:
        changes.append("Other days: run discover again with recordings of a week or more.")
    changes.append("A change of the app: run discover again after it.")
    yield "\n".join(f"- {escaped(change)}" for change in changes)
