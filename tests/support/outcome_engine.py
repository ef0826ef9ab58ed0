"""``rasa-autoplay serve`` in its own process, with a faster schedule of outcomes."""

from __future__ import annotations

import os
import sys

from support.processes import ROOT, ServerProcess, rasa_environment
from support.serve_process import OwnProcess

__all__ = ["OutcomeEngine"]


class OutcomeEngine(OwnProcess):
    """The process, started and killed like any other."""

    def launch(self, *arguments: str, **environment: str) -> ServerProcess:
        """Start the program of ``support.faster_outcomes``."""
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        command = [sys.executable, "-m", "support.faster_outcomes", "serve", *arguments]
        return ServerProcess("serve", command, self._folder, rasa_environment(PYTHONPATH=path, **environment))
