"""What `make demo` costs the first time, in disk, downloads and time; and what of it is still to be done.

    costs.py

Measured from a bare clone on a machine with two cores. Disk use is what
`du -h` shows. `tests/unit/test_costs.py` compares these numbers with the texts that name them, and with the
folders themselves.
"""

import os
from typing import List, NamedTuple

import make_venv
import make_web
from console import ROOT, read_text, say
from environments import DEFAULT

HOST_APP = "example_bot/host_app"
MODEL = "models/example_bot.tar.gz"


class Part(NamedTuple):
    """A part of what `make demo` needs.

    Args:
        what: its name in a sentence.
        folders: where it is, relative to the root.
        disk_gb: the disk that it uses.
        fetch_gb: how much of it is fetched.
        takes_s: how long it takes, without fetching.
    """

    what: str
    folders: "tuple[str, ...]"
    disk_gb: float
    fetch_gb: float
    takes_s: int


ENVIRONMENT = Part(".venv, with Rasa and everything for development", (".venv", ".tools"), 2.5, 1.0, 30)
LIBRARIES = Part("the page's libraries from npm", (HOST_APP + "/node_modules",), 0.1, 0.1, 5)
TRAINED_MODEL = Part("the trained model", ("models",), 0.0, 0.0, 20)
PARTS = (ENVIRONMENT, LIBRARIES, TRAINED_MODEL)

_HERE = "already here"
_OUTDATED = "here, but something has changed; the difference is fetched"

#: All parts together, and the story itself.
DISK_GB = 2.7
FETCH_GB = 1.1
STORY_S = 35
#: The first run, without fetching, in minutes.
FIRST_RUN_MIN = 2


def is_done(part: Part) -> bool:
    """Return whether a part is there already."""
    if part is ENVIRONMENT:
        return make_venv.complete(DEFAULT)
    if part is LIBRARIES:
        return make_web.complete(HOST_APP)
    return os.path.exists(os.path.join(ROOT, MODEL))


def is_outdated(part: Part) -> bool:
    """Return whether a part is there, but made from other files than those of now."""
    if part is ENVIRONMENT:
        return make_venv.works(DEFAULT) and not os.path.exists(make_venv.unfinished(DEFAULT))
    return part is LIBRARIES and bool(read_text(make_web.stamp(HOST_APP)))


def describe(part: Part) -> str:
    """Say what a part costs."""
    sizes = []
    if part.disk_gb:
        sizes.append("{} GB of disk".format(part.disk_gb))
    if part.fetch_gb:
        sizes.append("{} GB to fetch".format(part.fetch_gb))
    return "{}: {}".format(part.what, ", ".join([*sizes, "{} s".format(part.takes_s)]))


def announcement() -> List[str]:
    """Return the lines that tell what is still to be done."""
    states = {part: _state(part) for part in PARTS}
    if all(state == _HERE for state in states.values()):
        return ["Everything that the demo needs is already here. It takes about {} s.".format(STORY_S)]
    if any(states.values()):
        lines = ["The demo needs this first:"]
    else:
        lines = [
            "The first run fetches {} GB, fills {} GB of this folder, and takes about {} minutes "
            "and the time to fetch:".format(FETCH_GB, DISK_GB, FIRST_RUN_MIN)
        ]
    for part, state in states.items():
        lines.append("    " + ("{}: {}".format(part.what, state) if state else describe(part)))
    return [*lines, "    the story itself: {} s".format(STORY_S)]


def _state(part: Part) -> str:
    """Return what is there of a part; empty for nothing."""
    if is_done(part):
        return _HERE
    return _OUTDATED if is_outdated(part) else ""


if __name__ == "__main__":
    for line in announcement():
        say(line)
