"""What all models of the protocol language stand on: their base, and the forms of names, days and paths."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_\-]*$", max_length=60)]
Label = Annotated[str, Field(min_length=1, max_length=400)]
Days = Annotated[int, Field(ge=0, le=36525)]
Stratifier = Literal[
    "age",
    "sex",
    "calendar",
    "time_since_start",
    "exposure_duration",
    "cumulative_doses",
    "country",
    "centre",
    "course",
    "edss",
    "relapses_12_months",
    "prior_substances",
    "entry_year",
    "line_of_treatment",
]
TextPath = Annotated[str, Field(pattern=r"^text/[\w\-./]+\.md$")]
CodesPath = Annotated[str, Field(pattern=r"^codelists/[\w\-./]+\.csv$")]
AtcCode = Annotated[str, Field(pattern=r"^[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?$")]
RatesPath = Annotated[str, Field(pattern=r"^standards/[\w\-./]+\.csv$")]


def _refuse_bool(value: object) -> object:
    """To Python, true is equal to 1; here it is not."""
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value


NO_BOOL = BeforeValidator(_refuse_bool)


class Model(BaseModel):
    """Base of every part of a protocol: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True)
