"""A file of the project into which pieces are put; all else in it stays as it is, to the byte."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.errors import AdoptionRefused

__all__ = ["Edit"]


class Edit:
    """One file, before and after.

    Only pieces are put in, and nothing is taken out, so that the pieces alone are enough to undo it: what
    else stands in the file, secrets among it, need not be kept anywhere.

    Args:
        path: where it is, relative to the project.
        before: its text; None where there is no such file.

    Attributes:
        text: its text with the pieces.
        pieces: what was put in, in order.
    """

    def __init__(self, path: Path, before: str | None) -> None:
        self.path = path
        self.before = before
        self.text = before or ""
        self.pieces: list[str] = []

    @property
    def newline(self) -> str:
        """How its lines end."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def insert(self, at: int, piece: str) -> None:
        """Put lines in.

        Args:
            at: before this character.
            piece: with plain newlines; the file's own are put in.

        Raises:
            AdoptionRefused: afterwards nobody could tell the piece from what is in the file already.
        """
        piece = piece.replace("\n", self.newline)
        self.text = self.text[:at] + piece + self.text[at:]
        self.pieces.append(piece)
        if any(self.text.count(one) != 1 for one in self.pieces):
            raise AdoptionRefused(
                f"{self.path}: this stands there already, where it has no effect:\n{piece.strip()}",
                remedy="Put it in its place or take it out, then run init again.",
            )

    def append(self, piece: str) -> None:
        """Put lines at the end, with an empty line before them where there is something."""
        gap = "" if not self.text else "\n" if self.text.endswith(("\n", "\r")) else "\n\n"
        self.insert(len(self.text), gap + piece)

    def end_of_line(self, at: int) -> int:
        """The place just after the line that holds this character."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def insert_line(self, at: int, piece: str) -> None:
        """Put whole lines after the line that holds the character ``at``."""
        place = self.end_of_line(at)
        unfinished = place == len(self.text) and not self.text.endswith("\n")
        self.insert(place, f"\n{piece.rstrip()}" if unfinished else piece)
