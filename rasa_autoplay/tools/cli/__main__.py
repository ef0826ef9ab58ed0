"""``python -m rasa_autoplay.tools.cli``: the same as ``rasa-autoplay``."""

from __future__ import annotations

import sys

from rasa_autoplay.tools.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
