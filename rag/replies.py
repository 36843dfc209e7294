"""What a model replied, read as JSON while it arrives: the finished fields, and the finished objects of one list.

A model may put its JSON into a fence or between words, think aloud first, end in the middle, or leave the outer braces
away. Each character is read once, and a value is kept only when it is complete.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

_MARKS = re.compile(r'[{}\[\],:"\\]')
_OPENED_BY = {"}": "{", "]": "["}
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_THOUGHT, _THOUGHT_ENDS = "<think>", "</think>"
_NONE: Any = object()
_YES_OR_NO = re.compile(r"\W{0,200}+(?:(yes)|no)\b", re.IGNORECASE)
_SURE = 4.0
_Reply = TypeVar("_Reply", bound=BaseModel)


# `item` is a finished object of the list that was asked for, `end`, once and last, the reply's fields: all of them, or
# those that were finished where the reply was cut at its token limit.
Part: TypeAlias = tuple[Literal["item", "end"], dict[str, Any]]


class Reader:
    """Reads a reply piece by piece. `fields` holds what is finished at the top; `closed` says whether all of it is.

    `each` names the list whose objects are wanted as soon as they are finished; a bare list counts as that list.
    """

    def __init__(self, each: str | None = None) -> None:
        self.each = each
        self.text = ""
        self.fields: dict[str, Any] = {}
        self.found: list[dict[str, Any]] = []
        self.closed = False
        self._end = 0
        self._next = 0
        self._open: list[str] = []
        self._in_string = False
        self._escaped = self._string_start = self._value_start = self._object_start = -1
        self._key: str | None = None
        self._string: Any = None

    def feed(self, piece: str) -> list[dict[str, Any]]:
        """The objects of the list `each` that this piece finished."""
        before = len(self.found)
        self.text += piece
        if not self._thinking():
            start, self._next = self._next, len(self.text)
            for match in _MARKS.finditer(self.text, start):
                if self.closed:
                    break
                self._mark(match.group(), match.start())
        return self.found[before:]

    @property
    def rest(self) -> int:
        """How many characters came after the end of the JSON."""
        return len(self.text) - self._end if self.closed else 0

    def whole(self) -> dict[str, Any]:
        """All that is finished: the fields, and of the list `each` the finished objects where the list is not."""
        if self.each is None or self.each in self.fields or not self.found:
            return dict(self.fields)
        return {**self.fields, self.each: list(self.found)}

    def _thinking(self) -> bool:
        head = self.text.lstrip()[: len(_THOUGHT)]
        if self._next or not _THOUGHT.startswith(head):
            return False
        self._next = max(0, self.text.find(_THOUGHT_ENDS))
        return not self._next

    def _mark(self, mark: str, at: int) -> None:
        if self._in_string:
            self._mark_in_string(mark, at)
        elif mark == '"':
            if self._open:
                self._in_string, self._string_start = True, at
        elif mark in "{[":
            self._opens(mark, at)
        elif mark in "}]":
            self._closes(mark, at)
        elif self._open == ["{"]:
            if mark == ":" and self._key is None:
                self._key, self._value_start = self._string if isinstance(self._string, str) else "", at + 1
            elif mark == ",":
                self._keep(at)

    def _mark_in_string(self, mark: str, at: int) -> None:
        if at == self._escaped:
            return
        if mark == "\\":
            self._escaped = at + 1
        elif mark == '"':
            self._in_string = False
            if self._open == ["{"] and self._key is None:
                self._string = _value(self.text[self._string_start : at + 1])

    def _opens(self, mark: str, at: int) -> None:
        if not self._open:
            self.fields, self._key, self._string = {}, None, None
        if mark == "{" and self._in_wanted_list():
            self._object_start = at
        self._open.append(mark)

    def _closes(self, mark: str, at: int) -> None:
        if not self._open or self._open[-1] != _OPENED_BY[mark]:
            return
        if mark == "}" and self._open == ["{"]:
            self._keep(at)
        self._open.pop()
        if mark == "}" and self._in_wanted_list():
            found = _value(self.text[self._object_start : at + 1])
            self.found += [found] if isinstance(found, dict) else []
        if not self._open and mark == "]" and self.each and self.found:
            self.fields = {self.each: list(self.found)}
        if not self._open and self.fields:
            self.closed, self._end = True, at + 1

    def _in_wanted_list(self) -> bool:
        return self.each is not None and (self._open == ["["] or (self._open == ["{", "["] and self._key == self.each))

    def _keep(self, end: int) -> None:
        if self._key is not None:
            value = _value(self.text[self._value_start : end])
            if value is not _NONE:
                self.fields[self._key] = value
        self._key = None


def _value(text: str) -> Any:
    """The value of a piece of JSON, a comma too many forgiven; `_NONE` where it is no JSON."""
    for spelled in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(spelled, strict=False, parse_constant=_refuse)
        except (ValueError, RecursionError):
            continue
    return _NONE


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


class Shape(Generic[_Reply]):
    """What a reply has to look like: a pydantic model and, in it, the list `each` whose objects count singly."""

    def __init__(self, model: type[_Reply], each: str | None = None) -> None:
        self.model = model
        self.each = each
        self.schema: dict[str, Any] = strict(model.model_json_schema())
        listed: Any = model.model_fields[each].annotation if each else None
        self._items: TypeAdapter[Any] | None = TypeAdapter(listed) if each else None

    def item(self, found: dict[str, Any]) -> dict[str, Any] | None:
        """The object of the list with the types that the model wants, or None where it has others."""
        if self._items is None:
            return None
        try:
            dumped = self._items.dump_python(self._items.validate_python([found]))[0]
        except (ValidationError, RecursionError):
            return None
        return dumped if isinstance(dumped, dict) else None

    def whole(self, fields: dict[str, Any]) -> _Reply | None:
        """The reply, or None where a field is missing, has another type, or none is there at all."""
        if not fields.keys() & self.model.model_fields.keys():
            return None
        try:
            return self.model.model_validate(fields)
        except (ValidationError, RecursionError):
            return None

    def end(self, reader: Reader, items: list[dict[str, Any]]) -> tuple[dict[str, Any], bool]:
        """The fields of a reply with the list's usable objects, and whether all of it is there and in shape."""
        fields, usable = reader.whole(), True
        if self.each:
            listed = fields.get(self.each, [])
            if not isinstance(listed, list) or (listed and not items):
                return fields, False
            usable = len(items) == len(listed)
            fields |= {self.each: items} if items or self.each in fields else {}
        model = self.whole(fields)
        return (fields, False) if model is None else (model.model_dump(), reader.closed and usable)

    def read(self, text: str) -> list[Part]:
        """The parts of a reply that is all there, or [] where it is not complete."""
        reader = Reader(self.each)
        items = [item for item in map(self.item, reader.feed(text)) if item is not None]
        end, complete = self.end(reader, items)
        parts: list[Part] = [("item", item) for item in items]
        return [*parts, ("end", end)] if complete else []

    def described(self) -> str:
        """The words that ask for this shape, for a model whose endpoint cannot enforce it."""
        schema = json.dumps(self.schema, ensure_ascii=False)
        return f"Reply with one JSON object and no other words. It has to follow this JSON schema:\n{schema}"


def strict(schema: Any) -> Any:
    """A JSON schema as endpoints enforce it: every property required and no others, without titles and defaults."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: value for key, value in schema.items() if key not in ("default", "properties", "$defs")}
    if isinstance(found.get("title"), str):
        del found["title"]
    found = {key: strict(value) for key, value in found.items()}
    for key in ("properties", "$defs"):
        if key in schema:
            found[key] = {name: strict(part) for name, part in schema[key].items()}
    if "properties" in found:
        found |= {"required": list(found["properties"]), "additionalProperties": False}
    return found


def odds(candidates: Sequence[tuple[str, float]]) -> float | None:
    """The log-odds of "Yes" against "No" among the likeliest first tokens and their log-probabilities.

    Where one of the two is not among them it counts as the least likely one that is; None where neither is.
    """
    yes, no = (
        [chance for token, chance in candidates if token.strip().strip("*_\"'").casefold() == word]
        for word in ("yes", "no")
    )
    if not yes and not no:
        return None
    least = [min(chance for _, chance in candidates)]
    return _total(yes or least) - _total(no or least)


def odds_of(text: str) -> float | None:
    """4 for a reply that begins with "Yes", -4 for "No", None for another."""
    match = _YES_OR_NO.match(text[:200])
    return None if match is None else _SURE if match[1] else -_SURE


def _total(chances: Sequence[float]) -> float:
    """The logarithm of the sum of probabilities that are given as logarithms."""
    bound = [max(chance, -1e4) for chance in chances]
    return max(bound) + math.log(sum(math.exp(chance - max(bound)) for chance in bound))
