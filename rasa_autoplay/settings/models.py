"""The part of pydantic that versions 1.10 and 2 share.

Rasa 3.6 pins pydantic 1.10; elsewhere pydantic 2 is installed, which ships version 1's interface as
``pydantic.v1``. Configuration is read once, at start, so good messages matter more than speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pydantic import BaseModel, Field, PrivateAttr, ValidationError, root_validator, validator
else:
    try:
        from pydantic.v1 import BaseModel, Field, PrivateAttr, ValidationError, root_validator, validator
    except ImportError:
        from pydantic import BaseModel, Field, PrivateAttr, ValidationError, root_validator, validator

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.settings.json_schema import complete_section
from rasa_autoplay.settings.renamed import Renamed

__all__ = [
    "Field",
    "PlacedError",
    "PrivateAttr",
    "Settings",
    "ValidationError",
    "root_validator",
    "validator",
]


class PlacedError(AutoplayError, ValueError):
    """A value that a validator of a whole section refuses, with the value's own location.

    Args:
        message: what is wrong.
        place: the location in the section.
    """

    def __init__(self, message: str, place: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.place = place


class Settings(BaseModel):
    """One section of a configuration file. It rejects unknown keys, and its values are immutable."""

    class Config:
        extra = "forbid"
        # Immutable and hashable. Python 3.11 needs the second for a default of a dataclass field.
        frozen = True
        arbitrary_types_allowed = True
        schema_extra = staticmethod(complete_section)

    #: Renamed keys of the whole file; the class of the file sets them.
    renamed: ClassVar[tuple[Renamed, ...]] = ()
