"""The section ``shared:`` of both files, which lets several servers work together."""

from __future__ import annotations

from rasa_autoplay.settings.models import Settings, validator
from rasa_autoplay.settings.redis_url import redis_url
from rasa_autoplay.settings.secret import Secret

__all__ = ["SharedSettings"]


class SharedSettings(Settings):
    """Redis connects several Rasa servers and action servers; both files name the same one.

    Args:
        redis: the URL of the Redis server, for example redis://:password@host:6379/0.
    """

    redis: Secret

    @validator("redis", pre=True)
    def _is_redis(cls, value: object) -> Secret:  # noqa: N805 - pydantic's form
        return redis_url(value)
