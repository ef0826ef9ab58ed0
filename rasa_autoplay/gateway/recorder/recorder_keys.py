"""Who may record: a single-use token in a link becomes a key, which works until the token would expire."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import msgspec
from sanic import Request

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.http.guesser import guesser_of
from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.common.http.responses import BadRequest
from rasa_autoplay.gateway.studio.signed_values import SignedValues
from rasa_autoplay.settings.secret import Secret

__all__ = ["LONGEST_RECORDING_S", "RecorderKey", "RecorderKeys", "RecorderToken"]

#: How long a link, and the key that it gives, can be used.
LONGEST_RECORDING_S = 3600.0
#: Requests of one recorder: each click, and each edited text after a pause in typing.
_REQUESTS_PER_MINUTE = 300.0
#: Wrong tokens and keys from one address.
_WRONG_PER_MINUTE = 60.0
_MAX_USED = 10_000
_USED = "this link has expired or was used already"
_NEW_LINK = "Make a new link in the studio, or with `rasa-autoplay record --live … --open …`."


class RecorderToken(msgspec.Struct, frozen=True):
    """The content of a link's token.

    Args:
        token_id: random.
        until: epoch seconds.
        path_id: the golden path that is recorded again; empty for a new one.
    """

    token_id: str
    until: float
    path_id: str


class RecorderKey(msgspec.Struct, frozen=True):
    """The content of a recorder's key.

    Args:
        key_id: random.
        until: epoch seconds.
    """

    key_id: str
    until: float


class RecorderKeys:
    """Makes and checks tokens and keys. They are signed, so every server with the same admin key reads them.

    A recorder's key is no admin key, and opens only the recorder's routes.

    Args:
        key: the admin key.
        clock: epoch seconds.
        monotonic: monotonic seconds, for rate limits.
    """

    def __init__(self, key: Secret, clock: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._tokens = SignedValues(key, RecorderToken)
        self._keys = SignedValues(key, RecorderKey)
        self._used: BoundedDict[str, float] = BoundedDict(_MAX_USED)
        self._requests = RateLimit(_REQUESTS_PER_MINUTE, monotonic)
        self._wrong = RateLimit(_WRONG_PER_MINUTE, monotonic)

    @property
    def refused(self) -> int:
        """How many requests were refused because of the rate limits."""
        return self._requests.refused + self._wrong.refused

    def make_token(self, path_id: str) -> tuple[str, float]:
        """Return a new token, and when it expires, epoch seconds."""
        until = self._clock() + LONGEST_RECORDING_S
        return self._tokens.encode(RecorderToken(secrets.token_urlsafe(16), until, path_id)), until

    def read_token(self, request: Request, text: str) -> RecorderToken:
        """Return the content of a token that can still be used.

        Raises:
            BadRequest: 401 if it is not valid, 429 after too many wrong ones.
        """
        found = self._tokens.decode(text)
        if found is not None and (found.until <= self._clock() or found.token_id in self._used):
            found = None
        self._check_guess(request, found is not None, _USED)
        assert found is not None  # noqa: S101 - it is right
        return found

    def use(self, request: Request, token: RecorderToken, is_first: bool) -> str:
        """Use a token up, and return its key.

        Args:
            request: presents the token.
            token: its content.
            is_first: whether no other server has used it.

        Raises:
            BadRequest: 401, the token was used already.
        """
        is_first = is_first and token.token_id not in self._used
        self._check_guess(request, is_first, _USED)
        self._used[token.token_id] = token.until
        return self._keys.encode(RecorderKey(secrets.token_urlsafe(16), token.until))

    def check(self, request: Request) -> None:
        """Check a request's key, and count the request.

        Raises:
            BadRequest: 401 if the key is missing, wrong or expired, 429 after too many requests.
        """
        scheme, _, presented = request.headers.get("authorization", "").partition(" ")
        found = self._keys.decode(presented.strip()) if scheme.lower() == "bearer" else None
        is_right = found is not None and found.until > self._clock()
        self._check_guess(request, is_right, "the recorder's key is missing or has expired")
        assert found is not None  # noqa: S101 - it is right
        if wait_s := self._requests.wait_s(found.key_id):
            raise BadRequest("too many requests from this recorder", status=429, retry_after_s=wait_s)

    def _check_guess(self, request: Request, is_right: bool, refusal: str) -> None:
        sender = guesser_of(request)
        if wait_s := self._wrong.wait_s(sender):
            raise BadRequest(
                "too many wrong recorder keys came from this address", status=429, retry_after_s=wait_s
            )
        if not is_right:
            raise BadRequest(refusal, remedy=_NEW_LINK, status=401)
        self._wrong.give_back(sender)
