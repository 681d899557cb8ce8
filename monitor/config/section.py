"""What every section of feeds.yaml has in common; and what several contain."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor import types
from monitor.config import values

Percentage = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class Section(BaseModel):
    """Keys and values; a key without a value is as if it were not there."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def drop_empty(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        required = {name for name, of in cls.model_fields.items() if of.is_required()}
        return {k: v for k, v in data.items() if v is not None or k in required}

    def given(self) -> dict[str, Any]:
        """Keys that are set; the defaults of all others are in `monitor.types`."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Patterns(Section):
    """How a theme is found in one language."""

    any: Annotated[tuple[values.Pattern, ...], Field(min_length=1)]
    all: tuple[values.Pattern, ...] = ()
    none: tuple[values.Pattern, ...] = ()

    def build(self) -> types.Patterns:
        return types.Patterns(**self.given())
