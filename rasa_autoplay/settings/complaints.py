"""Gathers what is wrong, so that a user learns of all of it at once."""

from __future__ import annotations

from types import TracebackType

from rasa_autoplay.errors import ConfigError

__all__ = ["ErrorCollector"]


class ErrorCollector:
    """As a context manager it takes up the ``ConfigError`` of its block, and the next block goes on.

    with complaints:
        check_this()
    with complaints:
        check_that()
    complaints.raise_any()
    """

    def __init__(self) -> None:
        #: One complaint each.
        self.lines: list[str] = []

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _type: type[BaseException] | None, problem: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if not isinstance(problem, ConfigError):
            return False
        self.lines += str(problem).splitlines()
        return True

    def raise_any(self) -> None:
        """Raise what was gathered.

        Raises:
            ConfigError: with every complaint, one a line; not when there is none.
        """
        if self.lines:
            raise ConfigError("\n".join(self.lines))
