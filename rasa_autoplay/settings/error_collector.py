"""Collects errors, so that a user sees all of them at once."""

from __future__ import annotations

from types import TracebackType

from rasa_autoplay.errors import ConfigError

__all__ = ["ErrorCollector"]


class ErrorCollector:
    """A context manager that collects the ``ConfigError`` of its block, so that the next block still runs.

    In an error's text, each line is one finding; indented lines belong to the finding before them.

    with errors:
        check_this()
    with errors:
        check_that()
    errors.raise_any()
    """

    def __init__(self) -> None:
        #: The findings, one per entry.
        self.lines: list[str] = []

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _type: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if not isinstance(problem, ConfigError):
            return False
        for line in str(problem).splitlines():
            if line.startswith(" ") and self.lines:
                self.lines[-1] += f"\n{line}"
            else:
                self.lines.append(line)
        return True

    def raise_any(self) -> None:
        """Raise all findings together, if there are any.

        Raises:
            ConfigError: one finding per line.
        """
        if self.lines:
            raise ConfigError("\n".join(self.lines))
