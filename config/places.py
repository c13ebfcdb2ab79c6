"""From a validator's idea of where a mistake is to the place in the file.

A validator's location also names the member of a union that it tried; the file has no such step. So the location is walked
along the model's types, and only the steps that the file has are kept.
"""

import types
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from config.tree import Path


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a location leads: the path in the file, and the models whose mapping holds the last step."""

    path: Path
    around: type[BaseModel] | None

    @property
    def known_keys(self) -> tuple[str, ...]:
        return tuple(field.alias or name for name, field in self.around.model_fields.items()) if self.around else ()


def spot(model: Any, location: tuple[str | int, ...]) -> Spot:
    """Walks the location along the types, beginning at the model."""
    path: list[str | int] = []
    types_here = _members(model)
    around: type[BaseModel] | None = None
    for step in location:
        if len(types_here) > 1:
            types_here = _chosen(types_here, step)
            continue
        around = None
        path.append(step)
        here = types_here[0] if types_here else None
        if isinstance(here, type) and issubclass(here, BaseModel):
            around = here
            types_here = _members(_field(here, step))
        else:
            types_here = _members(_item(here, step))
    return Spot(tuple(path), around)


def _members(annotation: Any) -> tuple[Any, ...]:
    """What a value here may be; None is left out, because a location never names it."""
    if annotation is None or annotation is type(None):
        return ()
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(member for part in get_args(annotation) for member in _members(part))
    return (annotation,)


def _chosen(members: tuple[Any, ...], tag: str | int) -> tuple[Any, ...]:
    """The member that the tag names: by a field that can only be this word, else by its own name."""
    for member in members:
        if isinstance(member, type) and issubclass(member, BaseModel):
            literals = [field.annotation for field in member.model_fields.values() if get_origin(field.annotation) is Literal]
            if member.__name__ == tag or any(tag in get_args(literal) for literal in literals):
                return (member,)
    return ()


def _field(model: type[BaseModel], step: str | int) -> Any:
    by_alias = {field.alias or name: field for name, field in model.model_fields.items()}
    field = by_alias.get(str(step))
    return field.annotation if field is not None else None


def _item(annotation: Any, step: str | int) -> Any:
    arguments = get_args(annotation)
    if not arguments:
        return None
    if get_origin(annotation) is dict:
        return arguments[-1]
    if get_origin(annotation) is tuple and Ellipsis not in arguments:
        return arguments[step] if isinstance(step, int) and step < len(arguments) else None
    return arguments[0]
