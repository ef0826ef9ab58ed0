"""The part of pydantic that its versions 1.10 and 2 share, behind one gateway.

Rasa 3.6 pins pydantic 1.10; elsewhere pydantic 2 is installed, which ships version 1's interface as
``pydantic.v1``. Configuration is read once, at start: speed does not matter, good messages do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pydantic import BaseModel, Field, ValidationError, root_validator, validator
else:
    try:
        from pydantic.v1 import BaseModel, Field, ValidationError, root_validator, validator
    except ImportError:
        from pydantic import BaseModel, Field, ValidationError, root_validator, validator

from rasa_autoplay.settings.json_schema import complete_section
from rasa_autoplay.settings.renamed import Renamed

__all__ = ["Field", "Settings", "ValidationError", "root_validator", "validator"]


class Settings(BaseModel):
    """One section of a configuration file: unknown keys are refused, values do not change later."""

    class Config:
        extra = "forbid"
        allow_mutation = False
        arbitrary_types_allowed = True
        schema_extra = staticmethod(complete_section)

    #: Keys of the whole file that have a new name; set by the file's own class.
    renamed: ClassVar[tuple[Renamed, ...]] = ()
