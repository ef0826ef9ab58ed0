"""Signs in to the app: by a stored state of the browser, or by the team's own script."""

from __future__ import annotations

import importlib.util
import inspect
import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

__all__ = ["SignedIn", "load_script", "read_state", "sign_in"]

_HOW_TO = "Write --sign-in SCRIPT.py:FUNCTION; the function gets Playwright's page and signs in."


@dataclass(frozen=True)
class SignedIn:
    """What a signed-in browser has stored. It never appears in any output.

    Args:
        state: cookies and local storage, as Playwright stores them.
        session: the session storage of the app's origin.
    """

    state: Any = None
    session: dict[str, str] = field(default_factory=dict, repr=False)

    def apply(self, context: BrowserContext, origin: str) -> None:
        """Restore the session storage in each new document of a context."""
        if self.session:
            entries, where = json.dumps(self.session), json.dumps(origin)
            context.add_init_script(
                f"if (location.origin === {where}) for (const [key, value] of Object.entries({entries}))"
                " if (sessionStorage.getItem(key) === null) sessionStorage.setItem(key, value);"
            )


def read_state(file: Path) -> SignedIn:
    """Read a file with a browser's state, as Playwright's ``storage_state(path=…)`` writes it.

    Raises:
        AutoplayError: the file is missing or has another form.
    """
    try:
        state = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        state = None
    if not isinstance(state, dict) or not isinstance(state.get("cookies"), list):
        raise AutoplayError(
            f"--storage-state: {file} is missing or is not a browser's stored state.",
            remedy="Write it with Playwright's `context.storage_state(path=…)` after signing in.",
        )
    return SignedIn({"cookies": state["cookies"], "origins": state.get("origins", [])})


def load_script(place: str) -> Callable[[Any], object]:
    """Load the team's function.

    Args:
        place: ``SCRIPT.py:function``.

    Raises:
        AutoplayError: there is no such file or function, or it cannot be loaded.
    """
    name, _, function_name = place.rpartition(":")
    file = Path(name)
    if not name or not file.is_file():
        raise AutoplayError(f"--sign-in: there is no file {name or place!r}.", remedy=_HOW_TO)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise AutoplayError(f"--sign-in: {name} is not a Python file.", remedy=_HOW_TO)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as problem:
        raise AutoplayError(f"--sign-in: {_place_of(problem, file)}: {type(problem).__name__}.") from None
    function = getattr(module, function_name, None)
    if not callable(function):
        raise AutoplayError(f"--sign-in: {name} has no function {function_name!r}.", remedy=_HOW_TO)
    if inspect.iscoroutinefunction(function):
        raise AutoplayError(
            f"--sign-in: {function_name} is a coroutine function.",
            remedy="Write `def` instead of `async def`: the page is that of playwright.sync_api.",
        )
    return function  # type: ignore[no-any-return]


def sign_in(
    browser: Browser, script: Callable[[Any], object], file: Path, options: dict[str, Any], url: str
) -> SignedIn:
    """Run the team's function on a page that shows the app, and return what the browser stored.

    Args:
        browser: the browser.
        script: the team's function.
        file: its file, for errors.
        options: Playwright's options of a context.
        url: the app's address.

    Raises:
        AutoplayError: the function failed. Its message is left out, because Playwright's repeat what was
            typed.
    """
    with browser.new_context(**options) as context:
        page = context.new_page()
        try:
            page.goto(url)
            script(page)
        except Exception as problem:
            raise AutoplayError(
                f"--sign-in: {_place_of(problem, file)}: {type(problem).__name__}.",
                remedy="Run the script by itself to see the whole error: it may contain what was typed.",
            ) from None
        session = page.evaluate("() => ({ ...sessionStorage })")
        return SignedIn(context.storage_state(), session)


def _place_of(problem: BaseException, file: Path) -> str:
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(problem.__traceback__)
        if Path(frame.filename).name == file.name
    ]
    return f"{file.name}:{lines[-1]}" if lines else file.name
