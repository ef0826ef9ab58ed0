"""The changes of a project's files, as ``diff -u`` shows them, without secrets."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from rasa_autoplay.tools.project_setup.plan import CREDENTIALS, INTEGRATIONS
from rasa_autoplay.tools.project_setup.record import RECORD, Texts

__all__ = ["difference"]

_SECRET_FILES = (CREDENTIALS, INTEGRATIONS)


def difference(texts: Texts, ours: Mapping[Path, frozenset[str]]) -> Iterator[str]:
    """Yield the lines of ``diff -u``, without init's own record.

    Args:
        texts: by path, the old and the new text.
        ours: by path, the words of the lines that init wrote. Other lines that are removed from a file with
            secrets are shown without their values, because this output may end up in a log.
    """
    for path, (before, after) in texts.items():
        if path == RECORD:
            continue
        old = "/dev/null" if before is None else f"a/{path.as_posix()}"
        new = "/dev/null" if after is None else f"b/{path.as_posix()}"
        # Context lines could hold secrets, too.
        is_secret = path in _SECRET_FILES
        was, will_be = ((text or "").splitlines(keepends=True) for text in (before, after))
        for line in difflib.unified_diff(was, will_be, old, new, n=0 if is_secret else 3):
            shown = _without_value(line, ours.get(path, frozenset())) if is_secret else line
            yield shown if shown.endswith("\n") else f"{shown}\n\\ No newline at end of file\n"


def _without_value(line: str, ours: frozenset[str]) -> str:
    is_theirs = line.startswith("-") and not line.startswith("---") and " ".join(line[1:].split()) not in ours
    key, colon, value = line.partition(":")
    if not is_theirs or not line[1:].strip():
        return line
    return f"{key}: …\n" if colon and value.strip() else line if colon else "-  …\n"
