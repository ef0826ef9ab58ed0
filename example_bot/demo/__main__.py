"""``python -m example_bot.demo``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the demo and return the exit status."""
    try:
        # The imports take a moment: so a Ctrl-C during them ends the demo as quietly as a later one.
        from example_bot.demo.app import run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
