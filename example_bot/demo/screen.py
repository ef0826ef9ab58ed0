"""What the demo shows.

Nothing is ever wrapped or cut: what the product said stands here as it was received, and a terminal folds
long lines by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from example_bot.demo.options import DemoFailed

__all__ = ["Screen"]


class Screen:
    """Writes to standard output, in colours where it is a terminal."""

    def __init__(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            # A terminal that has no "✓" is no reason to stop.
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
        self._console = Console(soft_wrap=True, highlight=False, emoji=False)

    def heading(self, text: str) -> None:
        """A new part begins."""
        self._console.print(Text(f"\n{text}\n", style="bold cyan"))

    def line(self, text: str = "", style: str = "") -> None:
        """One line of narration."""
        self._console.print(Text(text, style=style))

    def step(self, text: str) -> None:
        """Somebody does something."""
        self._console.print(Text.assemble("  ", ("·", "cyan"), f" {text}"))

    def verdict(self, ok: bool, text: str) -> None:
        """Something went well, or did not."""
        mark = ("✓", "bold green") if ok else ("✗", "bold red")
        self._console.print(Text.assemble(mark, f" {text}"))

    def received(self, label: str, text: str) -> None:
        """What came out at the other end: under its label, as it is."""
        self._console.print(Text(f"\n{label}", style="dim"))
        self._console.out(text, style="bold", highlight=False)

    def command(self, text: str) -> None:
        """A command to copy."""
        self._console.out(text, style="green", highlight=False)

    def failure(self, failure: DemoFailed) -> None:
        """What went wrong, and what to do."""
        if failure.evidence:
            self._console.print()
            self._console.out(failure.evidence, style="dim", highlight=False)
        self._console.print()
        self.verdict(False, failure.message)
        if failure.remedy:
            self.line(f"  {failure.remedy}")

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """A spinner while something takes its time; one line where there is no terminal."""
        if not self._console.is_terminal:
            self.line(f"  {text} …")
            yield
            return
        with self._console.status(f"{text} …", spinner="dots"):
            yield
