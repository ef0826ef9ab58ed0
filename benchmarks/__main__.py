"""Runs the benchmarks and prints one table."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence

from benchmarks import (
    capture,
    consent,
    cpu,
    evidence,
    first_toast,
    freshness,
    in_browser,
    in_process,
    knowledge,
    languages,
    latency,
    many_feeds,
    memory,
    metrics,
    offers_from_code,
    one_toast,
    open_chat,
    outcomes,
    recording,
    reload,
    restarts,
    shared,
    simulate,
    stop,
    stream,
    studio,
    subscribers,
    tracing,
    triggers,
    user_languages,
)
from benchmarks.discovery import measure as discovery
from benchmarks.figures import Figure
from benchmarks.machine import describe
from benchmarks.project import MODEL
from benchmarks.promotion import measurement as promotion
from benchmarks.table import render
from benchmarks.timing import measurement as timing

BENCHMARKS: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "latency": latency.measure,
    "one_toast": one_toast.measure,
    "open_chat": open_chat.measure,
    "memory": memory.measure,
    "stop": stop.measure,
    "cpu": cpu.measure,
    "capture": capture.measure,
    "consent": consent.measure,
    "knowledge": knowledge.measure,
    "languages": languages.measure,
    "user_languages": user_languages.measure,
    "stream": stream.measure,
    "subscribers": subscribers.measure,
    "outcomes": outcomes.measure,
    "many_feeds": many_feeds.measure,
    "recording": recording.measure,
    "metrics": metrics.measure,
    "reload": reload.measure,
    "restarts": restarts.measure,
    "first_toast": first_toast.measure,
    "in_browser": in_browser.measure,
    "in_process": in_process.measure,
    "simulate": simulate.measure,
    "discovery": discovery.measure,
    "discovery_memory": discovery.measure_memory,
    "evidence": evidence.measure,
    "studio": studio.measure,
    "triggers": triggers.measure,
    "tracing": tracing.measure,
    "shared": shared.measure,
    "freshness": freshness.measure,
    "offers_from_code": offers_from_code.measure,
    "promotion": promotion.measure,
    "timing": timing.measure,
}


def main() -> None:
    """Read the command line, measure, print."""
    arguments = _arguments()
    if not MODEL.exists():
        sys.exit(f"{MODEL} is missing: `make model` trains it.")
    # If this process is asked to end, the servers that it started must end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    runs = [asyncio.run(_run(arguments.names, number)) for number in range(1, arguments.runs + 1)]
    print(f"\n{describe()}\n\n{render(runs)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", default=list(BENCHMARKS), metavar="name", help=f"of {', '.join(BENCHMARKS)}"
    )
    parser.add_argument(
        "--runs", type=int, default=2, help="how often; the table has the medians (default: 2)"
    )
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"no benchmark is named {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    return arguments


async def _run(names: Sequence[str], number: int) -> list[Figure]:
    figures = []
    for name in names:
        load = os.getloadavg()[0]
        print(f"run {number}: {name} (load average {load:.2f}) ...", file=sys.stderr, flush=True)
        measured = await BENCHMARKS[name]()
        for figure in measured:
            print(f"    {figure.name}: {figure.value:.4g} {figure.unit}", file=sys.stderr, flush=True)
        figures += measured
    return figures


if __name__ == "__main__":
    main()
