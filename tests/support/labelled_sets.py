"""The sets of ``tests/sets``: golden paths, sessions with their results, questions and answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.events.models import SlimAction

SETS = Path(__file__).parents[1] / "sets"
KINDS = ("done", "skipped", "repeated", "failed")
_STARTED_AT = 1_700_000_000.0


@dataclass(frozen=True)
class Expected:
    """The expected result for one path, by the rules of docs/memory.md."""

    attempts: int
    completed: int
    steps: dict[str, frozenset[str]]  # keyed by KINDS


@dataclass(frozen=True)
class Session:
    """A user's actions in order of arrival, and the expected result for each path that has one."""

    id: str
    kind: str
    actions: list[SlimAction]
    expected: dict[str, Expected]


@dataclass(frozen=True)
class Answer:
    """A possible answer of a language model about a path: good, or with a disguised invention."""

    path_id: str
    invented: bool
    disguise: str
    text: str


@dataclass(frozen=True)
class Tally:
    """Counts how often findings were expected, and expectations were found."""

    right: int = 0
    found: int = 0
    expected: int = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[set[Any], set[Any]]]) -> Tally:
        """Count pairs of findings and expectations."""
        pairs = list(pairs)
        return cls(
            right=sum(len(found & expected) for found, expected in pairs),
            found=sum(len(found) for found, _ in pairs),
            expected=sum(len(expected) for _, expected in pairs),
        )

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0


def read(place: Path) -> Any:
    return YAML(typ="safe").load(place.read_text(encoding="utf-8"))


def workflows() -> list[GoldenPath]:
    return load_golden_paths(SETS / "workflows")


def searched_paths() -> list[GoldenPath]:
    return workflows() + load_golden_paths(SETS / "distractors")


def sessions() -> list[Session]:
    paths = {path.id: path for path in workflows()}
    return [
        _session(entry, written["screen"], paths)
        for place in sorted((SETS / "sessions").glob("*.yml"))
        for written in [read(place)]
        for entry in written["sessions"]
    ]


def answers() -> list[Answer]:
    return [
        Answer(entry["path"], kind == "invented", one["as"], one["says"])
        for entry in read(SETS / "answers.yml")
        for kind in ("good", "invented")
        for one in entry[kind]
    ]


def answers_by_a_second_hand() -> list[Answer]:
    return [
        Answer(entry["path"], kind == "invented", says[:60], says)
        for entry in read(SETS / "answers-second.yml")
        for kind in ("good", "invented")
        for says in entry[kind]
    ]


def _session(entry: dict[str, Any], screen: dict[str, Any], paths: dict[str, GoldenPath]) -> Session:
    unknown = entry.keys() - {"id", "kind", "does", "expect"}
    assert not unknown, f"{entry['id']}: {unknown}"
    expected = {path_id: _expected(paths[path_id], verdict) for path_id, verdict in entry["expect"].items()}
    actions = [_action(words, screen) for words in entry["does"].split(", ")]
    return Session(entry["id"], entry["kind"], actions, expected)


def _action(words: str, screen: dict[str, Any]) -> SlimAction:
    at, what = words.split(" ")
    name, _, signal = what.partition("!")
    seen = screen[name]
    when = _STARTED_AT + float(at)
    return SlimAction(
        title=seen["title"],
        description=seen.get("description", ""),
        canonical_url=f"https://app.example.com{seen['page']}",
        type=seen.get("type", "click"),
        timestamp_start=when,
        timestamp_end=when,
        element_id=seen.get("element_id", ""),
        signal=signal,
    )


def _expected(path: GoldenPath, verdict: dict[str, Any]) -> Expected:
    followed = [step.id for step in path.steps if step.done_when]
    done = followed if verdict["done"] == "all" else verdict["done"]
    steps = {kind: frozenset(verdict.get(kind, ())) for kind in KINDS} | {"done": frozenset(done)}
    unknown = frozenset().union(*steps.values()) - set(followed)
    assert not unknown, f"{path.id} does not follow {sorted(unknown)}"
    required = {step.id for step in path.steps if step.done_when and not step.optional}
    complete = int(required <= set(done) or followed[-1] in done)
    return Expected(verdict.get("attempts", 1), verdict.get("completed", complete), steps)
