"""The base of every wire shape, and the types their fields are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

INT4 = 2_147_483_647  # what an integer column holds
NAME_LENGTH = 1024  # what a column for names holds


class Wire(BaseModel):
    """A body, or a part of one.

    Unknown keys are ignored. A null counts as absent where the field has a default
    other than null, because clients send every field they know.
    """

    model_config = ConfigDict(extra="ignore")

    _filled: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Remember which fields a null leaves at their default."""
        super().__pydantic_init_subclass__(**kwargs)
        cls._filled = frozenset(
            name
            for name, field in cls.model_fields.items()
            if not field.is_required()
            and (field.default_factory is not None or field.default is not None)
        )

    @model_validator(mode="before")
    @classmethod
    def null_is_absent(cls, sent: Any) -> Any:
        """Drop nulls for which there is a default."""
        if isinstance(sent, dict):
            nulls = [name for name in cls._filled if sent.get(name, ...) is None]
            if nulls:
                return {key: sent[key] for key in sent if key not in nulls}
        return sent

    def sent(self) -> dict[str, Any]:
        """The fields that were sent, by name, for a partial update."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _in_utc(value: datetime) -> datetime:
    try:
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)
    except OverflowError:
        message = "a time between the years 1 and 9999 in UTC is wanted"
        raise ValueError(message) from None


Moment = Annotated[datetime, AfterValidator(_in_utc)]
Text = Annotated[str, Field(max_length=NAME_LENGTH)]
Name = Annotated[str, Field(max_length=NAME_LENGTH, pattern=r"^[^/%&><]+$")]
Slug = Annotated[str, Field(max_length=NAME_LENGTH, pattern=r"^[a-z0-9-]+$")]
Tags = list[Text]
Count = Annotated[int, Field(ge=0, le=INT4)]
Seconds = Annotated[float, Field(ge=-INT4, le=INT4)]
Number = Annotated[int, Field(ge=-INT4, le=INT4)]
JsonObject = dict[str, Any]
