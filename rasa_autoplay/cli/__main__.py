"""``python -m rasa_autoplay.cli``: the same as ``rasa-autoplay``."""

from __future__ import annotations

import sys

from rasa_autoplay.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
