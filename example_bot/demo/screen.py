"""The demo's output.

Text is never wrapped or cut: the product's messages appear as received, and the terminal wraps long lines
itself.
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
    """Writes to standard output, in colours if it is a terminal."""

    def __init__(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            # A terminal without "✓" is no reason to stop.
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
        self._console = Console(soft_wrap=True, highlight=False, emoji=False)

    def heading(self, text: str) -> None:
        """Start a new part."""
        self._console.print(Text(f"\n{text}\n", style="bold cyan"))

    def line(self, text: str = "", style: str = "") -> None:
        """Print one line of narration."""
        self._console.print(Text(text, style=style))

    def step(self, text: str) -> None:
        """Print what a user does."""
        self._console.print(Text.assemble("  ", ("·", "cyan"), f" {text}"))

    def verdict(self, ok: bool, text: str) -> None:
        """Print whether something succeeded."""
        mark = ("✓", "bold green") if ok else ("✗", "bold red")
        self._console.print(Text.assemble(mark, f" {text}"))

    def received(self, label: str, text: str) -> None:
        """Print received text unchanged, below a label."""
        self._console.print(Text(f"\n{label}", style="dim"))
        self._console.out(text, style="bold", highlight=False)

    def command(self, text: str) -> None:
        """Print a command to copy."""
        self._console.out(text, style="green", highlight=False)

    def failure(self, failure: DemoFailed) -> None:
        """Print what failed and what to do about it."""
        if failure.evidence:
            self._console.print()
            self._console.out(failure.evidence, style="dim", highlight=False)
        self._console.print()
        self.verdict(False, failure.message)
        if failure.remedy:
            self.line(f"  {failure.remedy}")

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Show a spinner during a long step; one line without a terminal."""
        if not self._console.is_terminal:
            self.line(f"  {text} …")
            yield
            return
        with self._console.status(f"{text} …", spinner="dots"):
            yield
