"""A baseline as a program: an example of an entry, and the proof that the product can take part as one."""

from __future__ import annotations

import sys

from benchmarks.timing.contestants.simple import Never, PageDwell
from benchmarks.timing.messages import decode_message, encode
from benchmarks.timing.runner import Contestant

__all__ = ["main"]


def main() -> None:
    """Answer each line of standard input with a line on standard output."""
    contestant = _contestant(sys.argv[1])
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(encode(list(contestant.react(decode_message(line)))))
        sys.stdout.buffer.flush()


def _contestant(name: str) -> Contestant:
    if name == "default-configuration":
        # These import the whole engine.
        from benchmarks.timing.contestants.configurations import default_configuration
        from benchmarks.timing.contestants.product import Product

        return Product(default_configuration)
    return PageDwell() if name == "page-dwell" else Never()


if __name__ == "__main__":
    main()
