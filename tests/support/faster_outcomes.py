"""``rasa-autoplay serve``, with a day of attempts in minutes: an hour becomes ten seconds.

Run as a program, it serves as the command does. Only the schedule of outcomes is faster. It imports nothing
else of the tests, so that it starts as fast.
"""

from __future__ import annotations

import sys

from rasa_autoplay.common.runtime.backoff import Backoff
from rasa_autoplay.engine.outcomes.delivery import outcomes
from rasa_autoplay.engine.outcomes.delivery.sender import Pace
from rasa_autoplay.engine.outcomes.schedule import RETRIES_S, Schedule
from rasa_autoplay.tools.cli.main import main

__all__ = ["FASTER"]

FASTER = 360.0

if __name__ == "__main__":
    outcomes.SCHEDULE = Schedule(tuple(each / FASTER for each in RETRIES_S))
    outcomes.PACE = Pace(poll_s=0.2, down=Backoff(1 / FASTER, 60 / FASTER), claim_s=5.0, begin_s=3.0)
    sys.exit(main(sys.argv[1:]))
