"""``python -m example_bot.demo``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the demo; the answer is the exit status."""
    try:
        # The imports take a moment: a Ctrl-C then ends it as quietly as one later on.
        from example_bot.demo.app import run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
