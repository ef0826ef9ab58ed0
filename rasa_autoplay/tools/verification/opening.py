"""Opens the page where a golden path begins, and says why it cannot be used."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from rasa_autoplay.tools.verification.options import VerifyOptions, origin_of, safe_url
from rasa_autoplay.tools.verification.report import FindingKind
from rasa_autoplay.tools.verification.session import Session

__all__ = ["HOW_TO_SIGN_IN", "open_page"]

_SIGN_IN = re.compile(
    r"(?:^|[/._-])(?:log-?in|sign-?in|auth|sso|oauth2?|account/login)(?:$|[/._?-])", re.IGNORECASE
)
_NETWORK_ERROR = re.compile(r"net::(ERR_\w+)")
#: The remedy for a sign-in page.
HOW_TO_SIGN_IN = "sign in with --storage-state FILE or --sign-in SCRIPT.py:FUNCTION"

_Problem = tuple[FindingKind, str, str]


def open_page(session: Session, url: str, options: VerifyOptions) -> _Problem | None:
    """Open an address in a session's tab.

    Returns:
        Kind, message and remedy if the page cannot be used; otherwise None.
    """
    from playwright.sync_api import Error
    from playwright.sync_api import TimeoutError as PageTimeout

    page = session.page
    try:
        answer = page.goto(url, wait_until="domcontentloaded", timeout=options.page_timeout_s * 1000)
    except PageTimeout:
        message = f"{safe_url(url)} did not load within {options.page_timeout_s:g} s."
        return "unreachable", message, "check the page, or give it more time with --timeout"
    except Error as problem:
        return (
            "unreachable",
            f"{safe_url(url)} cannot be opened: {_reason(problem.message)}.",
            _remedy(problem.message),
        )
    if answer is not None and answer.status >= 400:
        kind: FindingKind = "sign-in" if answer.status in (401, 403) else "unreachable"
        remedy = (
            HOW_TO_SIGN_IN if kind == "sign-in" else "correct the path's page, or name another with --start"
        )
        return kind, f"{safe_url(url)} answered {answer.status}.", remedy
    return _sign_in_problem(session, url, options)


def _sign_in_problem(session: Session, url: str, options: VerifyOptions) -> _Problem | None:
    """Whether the app shows its sign-in page instead, also if its script redirects a moment later."""
    page = session.page
    if (urlsplit(page.url).path or "/") != (urlsplit(url).path or "/") or origin_of(
        page.url
    ) != options.origin:
        is_sign_in = bool(_SIGN_IN.search(urlsplit(page.url).path)) or session.until(
            lambda: bool(session.view.ask("hasSignIn"))
        )
        if is_sign_in:
            return "sign-in", f"{safe_url(page.url)} looks like a sign-in page.", HOW_TO_SIGN_IN
        if origin_of(page.url) != options.origin:
            message = f"{safe_url(url)} leads to another site: {safe_url(page.url)}."
            return "unreachable", message, "give the address that the app has after this redirect"
    return None


def _reason(message: str) -> str:
    found = _NETWORK_ERROR.search(message)
    return found[1] if found else message.splitlines()[0]


def _remedy(message: str) -> str:
    if "ERR_CERT" in message:
        return "for a self-signed certificate, write --ignore-https-errors"
    if "ERR_TOO_MANY_REDIRECTS" in message:
        return f"the app redirects for ever; if it wants a user, {HOW_TO_SIGN_IN}"
    return "check that the app runs at this address"
