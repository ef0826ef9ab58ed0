"""A small writer of pictures in SVG that are readable in light and in dark pages, and on a phone.

The pictures have a background of their own, because a page may be light while the system prefers dark.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

__all__ = ["Drawing", "number"]

#: All pictures have this width; at 340 pixels, their text is still 11 pixels high.
WIDTH = 480
_STYLE = """
text{font:15px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#1f2430}
.quiet{fill:#5b6472}.strong{font-weight:600}.card{fill:#fff;stroke:#d5dae1}
.axis{stroke:#d5dae1}.went_on{fill:#c2570c}.found{fill:#1f6feb}.neither{fill:#9aa3af}
.stroke{fill:none;stroke-width:3}.went_on.stroke{stroke:#c2570c}.found.stroke{stroke:#1f6feb}
.neither.stroke{stroke:#9aa3af}
@media(prefers-color-scheme:dark){text{fill:#e6e9ee}.quiet{fill:#a7b0bd}.card{fill:#161a20;stroke:#343b46}
.axis{stroke:#343b46}.went_on{fill:#ffa657}.found{fill:#6cb0ff}.neither{fill:#7d8794}
.went_on.stroke{stroke:#ffa657}.found.stroke{stroke:#6cb0ff}.neither.stroke{stroke:#7d8794}
.stroke{fill:none}}
"""


def number(value: float) -> str:
    """Write a coordinate: short, and the same on each machine."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


class Drawing:
    """A picture.

    Args:
        height: in units of which the width has :data:`WIDTH`.
        title: what it is.
        description: what it shows, with all numbers, for people who cannot see it.
    """

    def __init__(self, height: float, title: str, description: str) -> None:
        self._height = height
        self._title, self._description = title, description
        self._parts: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Draw a rectangle; ``kind`` names its colour."""
        place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
        self._parts.append(f'<rect {place} rx="2" class="{kind}"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """Draw a line; ``kind`` names its colour."""
        place = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
        self._parts.append(f'<line {place} class="{kind}"/>')

    def dot(self, x: float, y: float, kind: str) -> None:
        """Draw a dot; ``kind`` names its colour."""
        self._parts.append(f'<circle cx="{number(x)}" cy="{number(y)}" r="6" class="{kind}"/>')

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        """Write a text with its baseline at ``y``; ``anchor`` is ``start``, ``middle`` or ``end``."""
        at = f'x="{number(x)}" y="{number(y)}" text-anchor="{anchor}"'
        self._parts.append(
            f"<text {at}{f' class={chr(34)}{kind}{chr(34)}' if kind else ''}>{escape(words)}</text>"
        )

    def to_text(self) -> str:
        """Return the picture's file."""
        height = number(self._height)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" role="img" aria-labelledby="t d">'
        )
        size = f'width="{WIDTH - 1}" height="{number(self._height - 1)}"'
        card = f'<rect x=".5" y=".5" {size} rx="8" class="card"/>'
        named = [
            f'<title id="t">{escape(self._title)}</title>',
            f'<desc id="d">{escape(self._description)}</desc>',
            f"<style>{_STYLE.strip()}</style>",
        ]
        return "\n".join([head, *named, card, *self._parts, "</svg>", ""])
