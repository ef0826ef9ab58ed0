"""Decides again from the log of a proposal, and reports where the answer differs."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.errors import AutoplayError

__all__ = ["check_log"]


def check_log(file: Path) -> int:
    """Print what differs; return the exit status.

    Args:
        file: a ``log.jsonl``.

    Raises:
        AutoplayError: it cannot be read.
    """
    import msgspec

    from rasa_autoplay.common.printable import printable
    from rasa_autoplay.engine.proposals.decision_record import difference_in
    from rasa_autoplay.engine.proposals.log_entry import LogEntry

    try:
        lines = file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise AutoplayError(f"{file}: cannot be read: {getattr(problem, 'strerror', 'not UTF-8')}.") from None
    decoder = msgspec.json.Decoder(LogEntry)
    checked = different = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = decoder.decode(line)
        except (msgspec.DecodeError, RecursionError) as problem:
            if number == len(lines):
                break  # a process was killed while it wrote this line; the next step replaces it
            raise AutoplayError(f"{file}:{number}: this is not an entry of the log: {problem}.") from None
        if entry.decision is None:
            continue
        checked += 1
        found = difference_in(entry.decision)
        if found:
            different += 1
            print(printable(f"{file}:{number}: {found}."))
    same = checked - different
    print(f"{same} of {checked} decision{'s' if checked != 1 else ''} computed again, with the same answer.")
    return 1 if different else 0
