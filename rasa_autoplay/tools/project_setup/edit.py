"""Inserts pieces of text into a file of the project; all other bytes stay the same."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.errors import AdoptionRefused

__all__ = ["Edit"]


class Edit:
    """One file, before and after.

    An edit only inserts pieces, so the pieces alone are enough to undo it. The rest of the file, which can
    contain secrets, need not be stored anywhere.

    Args:
        path: the file's path, relative to the project.
        before: the original text; None if the file does not exist.

    Attributes:
        text: the text with the pieces.
        pieces: the inserted pieces, in order.
    """

    def __init__(self, path: Path, before: str | None) -> None:
        self.path = path
        self.before = before
        self.text = before or ""
        self.pieces: list[str] = []

    @property
    def newline(self) -> str:
        """The file's line ending."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def insert(self, at: int, piece: str) -> None:
        """Insert lines.

        Args:
            at: the offset of the character to insert before.
            piece: the lines, with plain newlines, which are converted to the file's own.

        Raises:
            AdoptionRefused: the file already contains the piece, so that an undo could not tell them apart.
        """
        piece = piece.replace("\n", self.newline)
        self.text = self.text[:at] + piece + self.text[at:]
        self.pieces.append(piece)
        if any(self.text.count(one) != 1 for one in self.pieces):
            raise AdoptionRefused(
                f"{self.path}: the file already contains this where it has no effect:\n{piece.strip()}",
                remedy="Move it to the right place or remove it, then run init again.",
            )

    def append(self, piece: str) -> None:
        """Append lines, after an empty line if the file is not empty."""
        gap = "" if not self.text else "\n" if self.text.endswith(("\n", "\r")) else "\n\n"
        self.insert(len(self.text), gap + piece)

    def end_of_line(self, at: int) -> int:
        """Return the offset just after the line that contains the character at ``at``."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def insert_line(self, at: int, piece: str) -> None:
        """Insert whole lines after the line that contains the character at ``at``."""
        place = self.end_of_line(at)
        unfinished = place == len(self.text) and not self.text.endswith("\n")
        self.insert(place, f"\n{piece.rstrip()}" if unfinished else piece)
