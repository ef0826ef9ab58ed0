"""``python -m example_bot.demo.day``: write a made-up day into the demo's database."""

from __future__ import annotations

import asyncio
import sys
import time

from example_bot.demo.day.seed import seed_day
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.settings.engine import find_engine_file


def main() -> int:
    """Write the day, and print in one line what happened in it; return the exit status."""
    app_url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:5005/webhooks/autoplay/demo"
    began_at = time.perf_counter()
    try:
        report = asyncio.run(seed_day(find_engine_file().path, app_url, time.time()))
    except AutoplayError as problem:
        print(problem)
        return 1
    print(f"{report.describe()} ({time.perf_counter() - began_at:.1f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
