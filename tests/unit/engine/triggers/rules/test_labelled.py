"""Labelled sessions through the real engine: exactly the right users get an offer.

The labels follow from how the sessions are made: the required action exactly at the boundary, a second before
and a second after it. Each session is delivered in several ways that must make no difference.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, EngineParts
from support.rules import KnownFollower, KnownPaths, KnownUser, triggers
from support.run import asynchronous

from rasa_autoplay.engine.knowledge.user_progress import PathPosition, WorkflowMemory
from rasa_autoplay.engine.offers.local import LocalOfferLedger
from rasa_autoplay.events.models import ActionsPayload

Action = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A session and its expected result.

    Args:
        kind: the condition or built-in that it tests.
        entry: the trigger without its id.
        actions: the user's actions.
        look_at: the time of the evaluation, seconds after T0.
        fires: the label.
        user: what memory knows about the user.
        paths: the session's progress.
    """

    kind: str
    entry: str
    actions: Sequence[Action]
    look_at: float
    fires: bool
    user: KnownUser | None = None
    paths: KnownPaths | None = None


def did(title: str, at: float, page: str = "/projects", **fields: Any) -> Action:
    return {"title": title, "at": at, "page": page, **fields}


def all_at(title: str, *ats: float, **fields: Any) -> list[Action]:
    return [did(title, at, **fields) for at in ats]


def when(condition: str) -> str:
    return f"body: b, when: {condition}"


class Labels(list[Case]):
    """Collects cases."""

    def add(self, kind: str, entry: str, actions: Sequence[Action], look_at: float, fires: bool) -> None:
        """Add a case."""
        self.append(Case(kind, entry, actions, look_at, fires))


def cases() -> list[Case]:
    """Every kind, on both sides of its boundary."""
    made = Labels()
    for some in (_counts, _stories, _pages_and_absences, _stays, _orders, _failures, _places, _struggles):
        some(made.add)
    return [*made, *_stuck(), *_known()]


_Label = Callable[[str, str, Sequence[Action], float, bool], None]


def _counts(label: _Label) -> None:
    """``count`` and its patterns."""
    count = when("{count: {title: save changes, at_least: 3, within: 120s}}")
    for last, fires in ((119, True), (120, True), (121, False)):
        label("count", count, all_at("Click Save changes", 0, 60, last), last, fires)
    label("count", count, all_at("SAVE CHANGES", 0, 60, 100, 121), 121, True)
    label("count", count, all_at("Click Save changes", 0, 60), 60, False)
    label("count", count, all_at("Click Save", 0, 1, 2), 2, False)
    for pattern, fires in (
        ("{exact: Click Save}", True),
        ("{exact: click save}", False),
        ("{regex: 'Sa.e$'}", True),
    ):
        label(
            "matching",
            when(f"{{count: {{title: {pattern}, at_least: 1}}}}"),
            all_at("Click Save", 0),
            0,
            fires,
        )
    for name, fields in (
        ("type", {"type": "submit"}),
        ("element_id", {"element_id": "export"}),
        ("description", {"description": "Sent it"}),
    ):
        wanted = next(iter(fields.values()))
        entry = when(f"{{count: {{{name}: [{wanted}], at_least: 1}}}}")
        label("matching", entry, all_at("a", 0, **fields), 0, True)
        label("matching", entry, all_at(wanted, 0), 0, False)


def _stories(label: _Label) -> None:
    """The story of the projects page, as a rule and as a built-in."""
    story = [did("Click Save changes", at, "/projects/:id/edit") for at in (0, 60, 120)]
    for entry in (
        when(
            "[{on_page: /projects}, "
            "{count: {title: save changes, page: /projects, at_least: 3, within: 120s}}, "
            "{never: {title: [bulk edit, apply to]}}]"
        ),
        "builtin: bulk_edit_opportunity",
    ):
        label("story", entry, story, 120, True)
        label("story", entry, [*story, did("View", 120.5, "/dashboard")], 120.5, False)
        label("story", entry, [*story[:2], did("Click Save changes", 120, "/settings")], 120, False)
        label("story", entry, [did("Click Bulk edit", -250), *story], 120, False)
        label("story", entry, [did("Click Apply to 3", 119), *story], 120, False)


def _pages_and_absences(label: _Label) -> None:
    """``on_page``, ``never``, ``absent``."""
    page = when("{on_page: /dashboard}")
    label("on_page", page, [did("a", 0), did("b", 1, "/Dashboard/:id")], 1, True)
    label("on_page", page, [did("a", 0, "/dashboard"), did("b", 1)], 1, False)
    label("on_page", page, [did("a", 0, "/dashboard"), did("b", 1, "")], 1, True)

    never = when("[{count: {title: save, at_least: 1}}, {never: {title: help}}]")
    label("never", never, all_at("save", 0), 0, True)
    label("never", never, [did("help", -1), did("save", 0)], 0, False)
    label("never", never, [did("help", -299), did("save", 0)], 0, False)

    absent = when("[{count: {title: save, at_least: 1}}, {absent: {title: export, within: 60s}}]")
    for look_at, fires in ((59, False), (60, False), (61, True)):
        label("absent", absent, [did("export", 0), did("save", 10)], look_at, fires)
        label(
            "absent",
            when("[{count: {title: save, at_least: 1}}, {never: {title: export, within: 60s}}]"),
            [did("export", 0), did("save", 10)],
            look_at,
            fires,
        )


def _stays(label: _Label) -> None:
    """``dwell``, ``idle``."""
    for entry in (when("{dwell: 60s}"), "builtin: user_page_dwell"):
        for look_at, fires in ((59, False), (60, True), (61, True)):
            label("dwell", entry, [did("View", 0), did("Click", 30)], look_at, fires)
        for look_at, fires in ((89, False), (90, True)):
            label("dwell", entry, [did("View", 0), did("View", 30, "/other")], look_at, fires)
    busy = [did("Click", n / 4) for n in range(5)]
    label("dwell", "builtin: user_page_dwell", busy, 60, True)
    label("dwell", "builtin: user_page_dwell", [*busy, did("Click", 2)], 63, False)

    for look_at, fires in ((49, False), (50, True), (51, True)):
        label("idle", when("{idle: 30s}"), all_at("Click", 0, 20), look_at, fires)


def _orders(label: _Label) -> None:
    """``sequence``, ``repeat``."""
    sequence = when("{sequence: [{title: edit}, {title: save}], within: 60s}")
    for last, fires in ((59, True), (60, True), (61, False)):
        label("sequence", sequence, [did("edit", 0), did("Click", 5), did("save", last)], last, fires)
    label("sequence", sequence, [did("save", 0), did("edit", 1)], 1, False)

    repeat = when("{repeat: {at_least: 3, within: 10s}}")
    for last, fires in ((9, True), (10, True), (11, False)):
        label("repeat", repeat, all_at("Export", 0, 5, last, element_id="export"), last, fires)
    label("repeat", repeat, [did("a", at, element_id=f"e{at}") for at in (0, 1, 2)], 2, False)


def _failures(label: _Label) -> None:
    """``failure`` and what is built on it."""
    for entry in (when("{failure: {at_least: 3, within: 60s}}"), "builtin: repeated_failure, within: 60s"):
        for last, fires in ((59, True), (60, True), (61, False)):
            label("failure", entry, [did("x", at, signal="error") for at in (0, 30, last)], last, fires)
        left = [
            did("x", 0, signal="error"),
            did("x", 1, signal="error"),
            did("y", 2, "/other"),
            did("x", 3, signal="error"),
        ]
        label("failure", entry, left, 3, False)
    for name in ("rage_click", "dead_click"):
        label(name, f"builtin: {name}", [did("x", 0, signal=name)], 0, True)
        label(name, f"builtin: {name}", [did("x", 0, signal="error"), did("y", 1)], 1, False)


def _places(label: _Label) -> None:
    """Pages visited; ``any``, ``not``."""
    ping_pong = "builtin: canonical_url_ping_pong"
    label("ping_pong", ping_pong, [did("v", 0), did("v", 1, "/b"), did("v", 2)], 2, True)
    label("ping_pong", ping_pong, [did("v", 0), did("v", 1, "/b"), did("v", 2, "/c")], 2, False)
    section = 'builtin: section_playbook_match, section_playbook: {pay: "May I?"}, '
    section += 'rules: [{prefix: "https://app.example.com/pay", section_id: pay}]'
    label("section", section, [did("v", 0, "/pay/:id")], 0, True)
    label("section", section, [did("v", 0, "/payroll"), did("v", 1)], 1, False)

    label(
        "logic", when("{any: [{on_page: /x}, {count: {title: a, at_least: 2}}]}"), all_at("a", 0, 1), 1, True
    )
    label("logic", when("{any: [{on_page: /x}, {count: {title: a, at_least: 2}}]}"), all_at("a", 0), 0, False)
    for look_at, fires in ((60, False), (61, True)):
        label(
            "logic",
            when("{not: {count: {title: a, at_least: 1, within: 60s}}}"),
            all_at("a", 0),
            look_at,
            fires,
        )


def _struggles(label: _Label) -> None:
    """``struggle``: failures before a pause, and a search without end."""
    struggle = "builtin: struggle"
    failures = [did("Export", at, signal="error") for at in (0, 20, 40)]
    for look_at, fires in ((49, False), (50, True), (51, True)):
        label("struggle", struggle, failures, look_at, fires)
    label("struggle", struggle, failures[:2], 90, False)
    label("struggle", struggle, [*failures[:2], did("View", 30, "/other"), failures[2]], 60, False)
    label("struggle", "builtin: struggle, failures: 2, pause: 20s", failures[:2], 40, True)

    for last, fires in ((119, True), (120, True), (121, False)):
        times = (0, 10, 20, 30, 40, 50, 60, 70, 80, last)
        views = [did("View", at, f"/page{at % 3}", type="pageview") for at in times]
        label("struggle", struggle, views, last, fires)
    label("struggle", struggle, [*views[:9], did("Write", 85, type="type"), did("V", 90)], 90, False)
    written = did("Name", 60, "/page0", type="type")
    label("struggle", struggle, [*views[:9], written, did("View", 119, "/b", type="pageview")], 119, False)
    label("struggle", struggle, [*views[:9], written, did("View", 120, "/b", type="pageview")], 120, False)


def _stuck() -> list[Case]:
    """``struggle``: a user who clicks around at one step of a workflow."""

    def case(clicks: Sequence[float], look_at: float, fires: bool, *, off: bool = False) -> Case:
        at_a_step = PathPosition("Export", "Choose", "Send", 1, 3, T0, len(clicks), "", off)
        actions = all_at("Click", *clicks)
        return Case(
            "struggle", "builtin: struggle", actions, look_at, fires, paths=KnownPaths({"e": at_a_step})
        )

    return [
        case((10, 20, 30), 44, fires=False),
        case((10, 20, 30), 45, fires=True),
        case((10, 20, 30), 55, fires=True),
        case((10, 20), 45, fires=False),  # away, perhaps
        case((-5, 1, 2), 48, fires=False),
        case((10, 20, 30), 45, fires=False, off=True),
    ]


def _known() -> list[Case]:
    """What needs facts about the user."""
    here = [did("v", 0)]
    made: list[Case] = []

    def label(kind: str, entry: str, fires: bool, look_at: float = 0.0, **known: Any) -> None:
        made.append(Case(kind, entry, here, look_at, fires, **known))

    label("segment", when("{segment: {email_domain: example.com}}"), True)
    label("segment", when("{segment: {email_domain: ample.com}}"), False)
    old, new = KnownUser({"plan": "Pro"}, T0 - 3 * 86_400), KnownUser({"plan": "prospect"})
    for entry in (
        when("{segment: {user: returning}}"),
        when("{segment: {properties: {plan: pro}}}"),
        when("{segment: {away: 3d}}"),
    ):
        for user, fires in ((old, True), (new, False), (None, False)):
            label("segment", entry, fires, user=user)
    label("segment", when("{segment: {away: 3d}}"), False, user=KnownUser({}, T0 - 3 * 86_400 + 1))

    def memory(*args: Any) -> KnownUser:
        return KnownUser({}, T0 - 4 * 86_400, {"export": WorkflowMemory("Export", *args)})

    half = memory("in_progress", 2, 85.0, "Check", True)
    states = {"mastered": memory("mastered"), "in_progress": half, "untouched": memory(), "struggle": half}
    for state, user in states.items():
        label("memory", when(f"{{memory: {{{state}: export}}}}"), True, user=user)
        label(
            "memory",
            when(f"{{memory: {{{state}: export}}}}"),
            False,
            user=memory("mastered") if state != "mastered" else half,
        )
        label("memory", when(f"{{memory: {{{state}: invite-team}}}}"), False, user=user)
        label("memory", when(f"{{memory: {{{state}: any}}}}"), False)
    label("return_after_gap", "builtin: return_after_gap", True, user=half)
    label("return_after_gap", "builtin: return_after_gap, away: 5d", False, user=half)
    label("return_after_gap", "builtin: return_after_gap", False, user=memory())
    for entry, fires in (
        ("workflow: export, page: /projects", True),
        ("workflow: export, page: /x", False),
        ("workflow: invite-team, page: /projects", False),
    ):
        label("adoption_gap", f"builtin: adoption_gap, {entry}", fires, user=memory())
    label(
        "adoption_gap",
        "builtin: adoption_gap, workflow: export, page: /projects",
        False,
        user=memory("mastered"),
    )
    for entry, fires in (
        ("", True),
        (", attempts: 3", False),
        (", completion_below: 85", False),
        (", page: /x", False),
    ):
        label("repeat_attempt", f"builtin: repeat_attempt{entry}", fires, user=half)

    def stands(
        at: float, since: int = 0, skipped: str = "", off: bool = False, following: str = "Send"
    ) -> KnownPaths:
        return KnownPaths(
            {"export": PathPosition("Export", "Choose", following, 2, 3, T0 + at, since, skipped, off)}
        )

    for look_at, fires in ((59, False), (60, True), (61, True)):
        label("workflow_stall", "builtin: workflow_stall", fires, look_at, paths=stands(0))
    label("workflow_stall", "builtin: workflow_stall", True, paths=stands(0, since=8))
    label("workflow_stall", "builtin: workflow_stall", False, paths=stands(0, since=7))
    label("workflow_stall", "builtin: workflow_stall", False, 100, paths=stands(0, following=""))
    label("skipped_step", "builtin: skipped_step", True, paths=stands(0, skipped="Pick"))
    label("skipped_step", "builtin: skipped_step", False, paths=stands(0))
    label("off_path", when("{path: {off_path: export}}"), True, paths=stands(0, off=True))
    label("off_path", when("{path: {off_path: export}}"), False, paths=stands(0))
    label("first_time", "builtin: first_time", True, user=memory(), paths=stands(0))
    label("first_time", "builtin: first_time", False, user=half, paths=stands(0))
    label("first_time", "builtin: first_time", False, user=memory())
    return made


def _wire(
    actions: Sequence[Action], stamp: Callable[[float], object], product: str, user: str
) -> ActionsPayload:
    """Deliver the session like a source."""
    listed = [
        {
            "index": index,
            "type": "click",
            **{name: value for name, value in action.items() if name not in ("at", "page")},
            "timestamp_start": stamp(T0 + action["at"]),
            "canonical_url": f"https://app.example.com{action['page']}" if action["page"] else "",
        }
        for index, action in enumerate(actions)
    ]
    return ActionsPayload.from_dict(
        {
            "type": "actions",
            "product_id": product,
            "session_id": "s1",
            "user_id": user,
            "email": f"{user}@example.com",
            "actions": listed,
        }
    )


def _plain(stamp: float) -> object:
    return stamp


def _iso(stamp: float) -> object:
    return datetime.fromtimestamp(stamp, timezone.utc).isoformat().replace("+00:00", "Z")


def _iso_without_zone(stamp: float) -> object:
    return datetime.fromtimestamp(stamp, timezone.utc).replace(tzinfo=None).isoformat()


def _shuffled(actions: Sequence[Action]) -> list[Sequence[Action]]:
    mixed = list(actions)
    random.Random(7).shuffle(mixed)  # noqa: S311 - the same order in every run
    return [mixed]


def _one_by_one(actions: Sequence[Action]) -> list[Sequence[Action]]:
    return [[action] for action in actions]


@dataclass(frozen=True)
class Telling:
    """Deliver a session in a way that makes no difference."""

    batches: Callable[[Sequence[Action]], list[Sequence[Action]]] = lambda actions: [actions]
    stamp: Callable[[float], object] = _plain
    times: int = 1
    products: Mapping[str, str] = field(default_factory=lambda: {"demo": "u1"})


TELLINGS = {
    "in one batch": Telling(),
    "out of order": Telling(_shuffled),
    "newest first": Telling(lambda actions: [[action] for action in reversed(actions)]),
    "ISO times": Telling(stamp=_iso),
    "ISO times without zone": Telling(_shuffled, stamp=_iso_without_zone),
    "numbers as texts": Telling(_one_by_one, stamp=str),
    "milliseconds": Telling(stamp=lambda stamp: round(stamp * 1000)),
    "twice": Telling(times=2),
    "two products in one session id": Telling(_shuffled, products={"demo": "u1", "other": "u2"}),
}


async def _fired(case: Case, telling: Telling, folder: Path) -> set[str]:
    """Return the products in which the session got an offer."""
    rules = triggers(folder, f"  - {{id: it, {case.entry}}}\n")
    async with EngineParts(
        folder, rules, ledger=LocalOfferLedger(), follower=KnownFollower(case.user, case.paths)
    ) as engine:
        engine.clock.now = T0 + max(action["at"] for action in case.actions)
        for _ in range(telling.times):
            for part in telling.batches(case.actions):
                for product, user in telling.products.items():
                    await engine.take(_wire(part, telling.stamp, product, user))
        await engine.at(case.look_at)
        return {product for product, user in telling.products.items() if await engine.offers(user, product)}


@pytest.mark.parametrize("name", TELLINGS)
@asynchronous
async def test_precision_and_recall_are_one(name: str, tmp_path: Path) -> None:
    telling, wrong, positives = TELLINGS[name], [], 0
    labelled = cases()
    for number, case in enumerate(labelled):
        if name in ("newest first", "numbers as texts") and _passes_through_truth(case):
            continue
        folder = tmp_path / str(number)
        folder.mkdir()
        fired = await _fired(case, telling, folder)
        expected = set(telling.products) if case.fires else set()
        positives += case.fires
        if fired != expected:
            wrong.append(
                (case.kind, case.entry, case.actions, case.look_at, "missed" if case.fires else "false alarm")
            )
    assert not wrong
    assert 20 < positives < len(labelled) - 20, "both labels are there"


def _passes_through_truth(case: Case) -> bool:
    """Delivered one by one, a session can match the rule before it has been delivered completely."""
    return not case.fires


def test_every_kind_has_both_labels() -> None:
    labels: dict[str, set[bool]] = {}
    for case in cases():
        labels.setdefault(case.kind, set()).add(case.fires)
    assert all(both == {True, False} for both in labels.values())
