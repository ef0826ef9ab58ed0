"""``python -m example_bot.demo.day``: write a made-up day into the demo's database."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from example_bot.demo.day.people import USERS
from example_bot.demo.day.seed import seed_day
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.settings.engine import find_engine_file


def main() -> int:
    """Write the day, and print in one line what happened in it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m example_bot.demo.day", description=__doc__)
    parser.add_argument("app_url", help="the address of the host app")
    parser.add_argument("--users", type=int, default=USERS, help="how many users come")
    arguments = parser.parse_args()
    began_at = time.perf_counter()
    try:
        report = asyncio.run(
            seed_day(find_engine_file().path, arguments.app_url, time.time(), arguments.users)
        )
    except AutoplayError as problem:
        print(problem)
        return 1
    print(f"{report.describe()} ({time.perf_counter() - began_at:.1f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
