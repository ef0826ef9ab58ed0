"""Explains why the engine cannot be used over HTTP, with the remedy. No explanation contains a secret."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import msgspec

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.http.endpoint import ACTION_ENDPOINT, LINK_PATH, EngineEndpoint
from rasa_autoplay.link.messages import Refusal

__all__ = ["HttpAnswer", "buffered", "no_stream", "silent", "timed_out", "unreachable", "unusable"]

_refusals = msgspec.json.Decoder(Refusal)
#: OpenSSL's codes of a certificate that is for another name or address.
_WRONG_NAME = (62, 64)
_EXPIRED = 10
_IS_IT_TLS = "Does the server speak https on this port?"
_UNBUFFERED = (
    f"It must not buffer {LINK_PATH}/frames (in nginx: proxy_buffering off), and must wait longer than 12 s "
    "for data (proxy_read_timeout)."
)


@dataclass(frozen=True)
class HttpAnswer:
    """A whole HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_json(self) -> bool:
        """Whether it is JSON, as everything that the engine answers in one piece."""
        return self.headers.get("Content-Type", "").startswith("application/json")

    @property
    def refusal(self) -> Refusal | None:
        """The engine's own refusal; None if something else answers."""
        try:
            return _refusals.decode(self.body)
        except msgspec.DecodeError:
            return None


def silent(endpoint: EngineEndpoint) -> EngineUnreachable:
    """Explain an accepted connection on which no answer comes."""
    return EngineUnreachable(
        f"The action server accepts connections at {endpoint.link_url}, but does not answer.",
        remedy="It has stopped or is overloaded. Check its log and the load of its machine, then restart it.",
    )


def timed_out(endpoint: EngineEndpoint, problem: Exception) -> EngineUnreachable:
    """Explain a request that took too long: either no connection was made, or no answer came."""
    # aiohttp has one exception for both.
    if not str(problem).startswith("Connection timeout"):
        return silent(endpoint)
    hint = f" {_IS_IT_TLS}" if endpoint.base_url.startswith("https:") else ""
    return EngineUnreachable(
        f"The action server does not answer at {endpoint.link_url}: no connection is made in time.",
        remedy=f"Check that it runs, {endpoint.setting}, and the firewall between.{hint}",
    )


def no_stream(endpoint: EngineEndpoint, problem: Exception) -> EngineUnreachable:
    """Explain a stream whose beginning does not come."""
    found = timed_out(endpoint, problem)
    if not endpoint.may_be_proxied:
        return found
    return EngineUnreachable(found.message, remedy=f"{found.remedy} If a proxy stands between: {_UNBUFFERED}")


def buffered(endpoint: EngineEndpoint) -> EngineUnreachable:
    """Explain a stream that begins, but on which nothing comes."""
    return EngineUnreachable(
        f"The stream of {endpoint.link_url} begins, but nothing comes on it: a proxy buffers it.",
        remedy=_UNBUFFERED,
    )


def unreachable(endpoint: EngineEndpoint, problem: Exception) -> EngineUnreachable:
    """Explain why no connection was made, or why it broke.

    Args:
        endpoint: where.
        problem: what aiohttp raised. Its text is not shown: it may contain the query.
    """
    where = endpoint.link_url
    if isinstance(problem, aiohttp.ClientConnectorCertificateError):
        return _untrusted(endpoint, problem.certificate_error)
    if isinstance(problem, aiohttp.ClientConnectorSSLError):
        return EngineUnreachable(
            f"No TLS connection can be made to {where}.",
            remedy=f"{_IS_IT_TLS} Correct the url of {endpoint.setting}.",
        )
    if isinstance(problem, aiohttp.ClientConnectorError) and isinstance(problem.os_error, socket.gaierror):
        return EngineUnreachable(
            f"The name {urlsplit(where).hostname} cannot be resolved.",
            remedy=f"Correct the url of {endpoint.setting}, or the DNS of the Rasa server's machine.",
        )
    start = f'Start it with "rasa run actions"; its address is {endpoint.setting}.'
    if endpoint.setting != ACTION_ENDPOINT:
        start = f"Start the engine; its address is {endpoint.setting}."
    return EngineUnreachable(
        f"The action server does not answer at {where} ({type(problem).__name__}).", remedy=start
    )


def _untrusted(endpoint: EngineEndpoint, problem: Exception) -> EngineUnreachable:
    reason = getattr(problem, "verify_message", "") or type(problem).__name__
    code = getattr(problem, "verify_code", 0)
    address = urlsplit(endpoint.link_url)
    if isinstance(problem, ssl.CertificateError) and code in _WRONG_NAME:
        remedy = f"Use a name of the certificate in the url of {endpoint.setting}."
    elif code == _EXPIRED:
        remedy = "Renew it."
    elif endpoint.ca_file:
        remedy = (
            f"cafile of {endpoint.setting} is {endpoint.ca_file}: it must hold the certificate of the "
            "authority that issued the server's."
        )
    else:
        remedy = (
            "If your own authority issued it, name the PEM file of that authority as cafile of "
            f"{endpoint.setting}."
        )
    return EngineUnreachable(
        f"The certificate of {address.scheme}://{address.netloc} is not trusted ({reason}).", remedy=remedy
    )


def unusable(endpoint: EngineEndpoint, answer: HttpAnswer) -> EngineUnreachable:
    """Explain an HTTP answer without the engine's reply to the team that runs the servers."""
    where, status, refusal = endpoint.link_url, answer.status, answer.refusal
    if status in (404, 500):
        return _no_engine(endpoint)
    if refusal is None:
        return _foreign(endpoint, answer)
    if status == 401:
        return EngineUnreachable(
            f"The engine refuses this Rasa server: {refusal.error}.", remedy=refusal.remedy
        )
    return EngineUnreachable(
        f"The engine at {where} answered {status}: {refusal.error}.", remedy=refusal.remedy
    )


def _no_engine(endpoint: EngineEndpoint) -> EngineUnreachable:
    hint = (
        f" If a proxy stands between, it must forward {endpoint.link_url}/ too."
        if endpoint.may_be_proxied
        else ""
    )
    return EngineUnreachable(
        "The action server answers but runs no engine: its actions module must contain "
        '"from rasa_autoplay.actions import *". If its autoplay.yml has "shared: {redis: ...}", '
        f"credentials.yml must have the same.{hint}"
    )


def _foreign(endpoint: EngineEndpoint, answer: HttpAnswer) -> EngineUnreachable:
    """Explain an answer that comes from a proxy or from another server."""
    where, status = endpoint.link_url, answer.status
    if 300 <= status < 400:
        return _redirected(endpoint, answer.headers.get("Location", ""))
    if status in (401, 403, 407):
        found = f"A proxy at {where} refuses the Rasa server ({status})."
        if not endpoint.has_authorization and not endpoint.headers and not endpoint.params:
            return EngineUnreachable(
                found, remedy=f"Give {endpoint.setting} what it demands: basic_auth, headers or token."
            )
        return EngineUnreachable(
            found, remedy=f"Check basic_auth, headers, params and token of {endpoint.setting}."
        )
    if status == 413:
        return EngineUnreachable(
            f"A proxy at {where} refuses the size of a request.",
            remedy="Let it accept 16 MB (in nginx: client_max_body_size 16m).",
        )
    if status in (502, 503, 504):
        return EngineUnreachable(
            f"A proxy at {where} does not reach the engine ({status}).",
            remedy="Check that the action server runs, and the address to which the proxy forwards.",
        )
    return EngineUnreachable(
        f"Another server than the engine answers at {where} ({status}).",
        remedy=f"Correct the url of {endpoint.setting}, or the address to which the proxy forwards.",
    )


def _redirected(endpoint: EngineEndpoint, location: str) -> EngineUnreachable:
    """The link follows no redirect, because it would carry its secret to another server."""
    try:
        target = urlsplit(location)
        # The query and the login of an address may be secret.
        shown = f"{target.scheme}://{target.netloc.rpartition('@')[2]}{target.path}"
    except ValueError:
        shown = "another address"
    if not shown.startswith(("http://", "https://")):
        shown = "another path"
    return EngineUnreachable(
        f"{endpoint.link_url} redirects to {shown}, which the link does not follow.",
        remedy=f"Write the final address into the url of {endpoint.setting}.",
    )
