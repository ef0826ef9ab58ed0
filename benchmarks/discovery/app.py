"""A made-up app and what its users do, read from a file in ``apps/``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.discovery.acts import Act, Step, read_act, read_acts

__all__ = ["APPS", "App", "Task", "app_of_seed", "read_app"]

#: The app of each seed; further seeds take these apps in turn. Seed 1 is for development; nobody tunes on the
#: others.
APPS = {1: "larkdesk", 2: "praxida", 3: "mercadillo"}
_FOLDER = Path(__file__).parent / "apps"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that users come to do, possibly in two ways.

    Args:
        id: as in the app's file.
        kind: ``workflow``, ``repetition``, ``detour``, ``stall``, ``unused_feature``, ``decoy`` or ``rare``.
        says: what it is, for people.
        entry: path of the page on which it begins.
        slow: the only way of a workflow, one round of a repetition, or the slow way of a detour or feature.
        fast: the fast way; empty without one.
        slow_users: share of users who do it the slow way (of a workflow: who do it).
        fast_users: share of users who do it the fast way.
        once_users: share of users who do a single round or two of a repetition.
        like: of a stall or decoy: which behaviour.
        at: of a stall: the act at which users stall.
        workflow: of a stall: the id of its workflow.
    """

    id: str
    kind: str
    says: str
    entry: str
    slow: tuple[Step, ...] = ()
    fast: tuple[Step, ...] = ()
    slow_users: float = 0.0
    fast_users: float = 0.0
    once_users: float = 0.0
    like: str = ""
    at: tuple[str, ...] = ()
    workflow: str = ""


@dataclass(frozen=True, slots=True)
class App:
    """A made-up app.

    Args:
        name: its name, which is also the ``product_id``.
        origin: scheme and host.
        languages: how many of 100 users read each language, in the order of the labels.
        home: path of the page after signing in.
        has_form_events: whether the submission of a form is an action of its own after the click.
        titles: pattern of page views' titles in which ``{page}`` is the page's name, ``{name}`` the record's.
        ids: pattern of the ids of each kind of record.
        names: kind of name of each kind of record.
        menu: the acts of the menu, whose ``page`` is the page that opens.
        incidental: small clicks that anybody does anywhere.
        signin: the acts of signing in.
        tasks: everything that users come to do.
    """

    name: str
    origin: str
    languages: dict[str, int]
    home: str
    has_form_events: bool
    titles: str
    ids: dict[str, str]
    names: dict[str, str]
    menu: tuple[Act, ...]
    incidental: tuple[Act, ...]
    signin: tuple[Step, ...]
    tasks: tuple[Task, ...]

    @property
    def planted(self) -> tuple[Task, ...]:
        """The tasks that ``discover`` should find."""
        return tuple(task for task in self.tasks if task.kind not in ("decoy", "rare"))


def app_of_seed(seed: int) -> App:
    """Read the app of a seed: with each further seed, other users do other things in it.

    Args:
        seed: from 1.
    """
    return read_app(APPS[(seed - 1) % len(APPS) + 1])


def read_app(name: str) -> App:
    """Read an app's file.

    Args:
        name: the file's name without its ending.
    """
    data = yaml.safe_load((_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return App(
        name=data["name"],
        origin=data["origin"],
        languages=data["languages"],
        home=data["home"],
        has_form_events=data["forms"],
        titles=data.get("titles", "Page load: {page}"),
        ids=data["ids"],
        names=data["names"],
        menu=tuple(map(read_act, data["menu"])),
        incidental=tuple(map(read_act, data["incidental"])),
        signin=read_acts(data["signin"], "/login"),
        tasks=tuple(_tasks(data)),
    )


def _tasks(data: dict[str, Any]) -> Iterator[Task]:
    workflows = {each["id"]: each for each in data["workflows"]}
    for each in data["workflows"]:
        slow = read_acts(each["acts"], each["entry"])
        yield Task(each["id"], "workflow", each["says"], each["entry"], slow, slow_users=each["users"])
    for kind, section in (
        ("repetition", "repetitions"),
        ("detour", "detours"),
        ("unused_feature", "features"),
    ):
        for each in data[section]:
            yield Task(
                each["id"],
                kind,
                each["says"],
                each["entry"],
                read_acts(each.get("each") or each["slow"], each["entry"]),
                read_acts(each.get("fast", ()), each["entry"]),
                each["slow_users"],
                each.get("fast_users", 0.0),
                each.get("once_users", 0.0),
            )
    for each in data["stalls"]:
        workflow = workflows[each["workflow"]]
        slow = read_acts(workflow["acts"], workflow["entry"])
        at = tuple(each["at"].split("|"))
        yield Task(
            each["id"],
            "stall",
            each["says"],
            workflow["entry"],
            slow,
            slow_users=each["users"],
            like=each["like"],
            at=at,
            workflow=each["workflow"],
        )
    for each in data["decoys"]:
        lines = [each[key] for key in ("field", "button") if key in each]
        acts = read_acts(lines, each["entry"])
        yield Task(
            each["id"],
            "decoy",
            each["like"],
            each["entry"],
            acts,
            slow_users=each["users"],
            like=each["like"],
        )
    for each in data["rare"]:
        yield Task(
            each["id"],
            "rare",
            "done by a handful",
            each["entry"],
            read_acts(each["acts"], each["entry"]),
            slow_users=0.004,
        )
