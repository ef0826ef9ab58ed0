"""What several languages cost: matching actions with golden paths, choosing texts, loading, and memory."""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.way_matcher import matchers_of
from rasa_autoplay.events.models import SlimAction

__all__ = ["measure"]

_PATHS, _STEPS, _ACTIONS, _ROUNDS = 20, 8, 200, 9
_LANGUAGES = ("en", "de", "fr")


async def measure() -> list[Figure]:
    """Medians of nine rounds, alternating between one language and three, in one process."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as three:
        _write(Path(one), _LANGUAGES[:1])
        _write(Path(three), _LANGUAGES)
        loaded = {1: load_golden_paths(Path(one)), 3: load_golden_paths(Path(three))}
        load_ms = _alternating({1: lambda: _load(one), 3: lambda: _load(three)})
        kib = {1: _kib(one), 3: _kib(three)}
    matching = {count: _matching(paths) for count, paths in loaded.items()}
    match_ms = _alternating(matching)
    path = loaded[3][0]
    began = time.perf_counter()
    for _ in range(10_000):
        path.in_language(("de-CH", "fr", "en"))
    chosen_us = (time.perf_counter() - began) * 100
    title = f"{_PATHS * _STEPS} steps without element ids"
    return [
        Figure(f"an action against {title}, labels in 1 language", match_ms[1] / _ACTIONS * 1000, "µs"),
        Figure(f"an action against {title}, labels in 3 languages", match_ms[3] / _ACTIONS * 1000, "µs"),
        Figure("matching with 3 languages, compared with 1", match_ms[3] / match_ms[1], "times", below=1.25),
        Figure("choosing the language of a golden path", chosen_us, "µs", below=50),
        Figure(f"loading {_PATHS} golden paths in 1 language", load_ms[1], "ms"),
        Figure(f"loading {_PATHS} golden paths in 3 languages, 2 of them in files", load_ms[3], "ms"),
        Figure(f"memory of {_PATHS} golden paths in 1 language", kib[1], "KiB"),
        Figure(f"memory of {_PATHS} golden paths in 3 languages, all in use", kib[3], "KiB"),
    ]


def _alternating(runs: dict[int, Callable[[], object]]) -> dict[int, float]:
    """Return the median time of each run in milliseconds."""
    took_ms: dict[int, list[float]] = {key: [] for key in runs}
    for _ in range(_ROUNDS):
        for key, run in runs.items():
            began = time.process_time()
            run()
            took_ms[key].append((time.process_time() - began) * 1000)
    return {key: statistics.median(each) for key, each in took_ms.items()}


def _matching(paths: list[GoldenPath]) -> Callable[[], object]:
    matchers = [each for path in paths for step in path.steps for each in matchers_of(path, step)]
    # Four in five actions belong to no step, as in a real app.
    titles = [
        f"Click Button {number % 160} in en" if number % 5 == 0 else f"Click Other thing {number}"
        for number in range(_ACTIONS)
    ]
    actions = [SlimAction(title=title, description="", canonical_url="/p0", type="click") for title in titles]

    def run() -> int:
        return sum(matches(action) for action in actions for matches in matchers)

    assert run() > 0
    return run


def _load(folder: str) -> list[GoldenPath]:
    return load_golden_paths(Path(folder))


def _kib(folder: str) -> float:
    gc.collect()
    tracemalloc.start()
    paths = [path.in_language((tag,)) for path in _load(folder) for tag in _LANGUAGES]
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert paths
    return used / 1024


def _write(folder: Path, languages: tuple[str, ...]) -> None:
    for number in range(_PATHS):
        steps = [
            f'  - {{id: s{at}, title: "{_title(number, at, "en")}", label: "{_label(number, at, "en")}", '
            f'text: "Press it.", done_when: {{element_id: e-{number}-{at}}}}}'
            for at in range(_STEPS)
        ]
        head = f"id: p{number}\ntitle: Path {number}\npage: /p0\nsteps:\n"
        (folder / f"p{number}.yml").write_text(head + "\n".join(steps), "utf-8")
        for tag in languages[1:]:
            texts = [
                f'  s{at}: {{title: "{_title(number, at, tag)}", label: "{_label(number, at, tag)}"}}'
                for at in range(_STEPS)
            ]
            (folder / f"p{number}.{tag}.yml").write_text("steps:\n" + "\n".join(texts), "utf-8")


def _title(number: int, at: int, tag: str) -> str:
    return f"Use button {number * _STEPS + at} in {tag}"


def _label(number: int, at: int, tag: str) -> str:
    return f"Button {number * _STEPS + at} in {tag}"
