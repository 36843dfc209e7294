"""A cache for functions of words and names: what a hostile text makes long is worked out again and not kept.

`functools.lru_cache` counts its entries and not their size, and a crawled page may hold words of megabytes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar, cast

LONG = 300  # characters of all arguments together; no name and no word of any language is as long

P = ParamSpec("P")
R = TypeVar("R")


def remembered(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: the function's last `most` values are kept, of arguments no longer than `LONG` together.

    Arguments are strings, rows of strings, and whatever else can be a key and is short; one alone is positional.
    """

    def of(function: Callable[P, R]) -> Callable[P, R]:
        kept: Callable[..., R] = lru_cache(maxsize=most)(function)
        plain: Callable[..., R] = function

        @wraps(function)
        def text(one: str, /) -> R:
            return kept(one) if len(one) <= LONG else plain(one)

        @wraps(function)
        def rest(*given: Any, **named: Any) -> R:
            short = sum(map(_size, given)) + sum(map(_size, named.values())) <= LONG
            return kept(*given, **named) if short else plain(*given, **named)

        taken = [kind for name, kind in function.__annotations__.items() if name != "return"]
        return cast("Callable[P, R]", text if taken == ["str"] else rest)

    return of


def _size(one: object) -> int:
    if isinstance(one, str):
        return len(one)
    return sum(map(_size, one)) if isinstance(one, tuple | frozenset) else 0
