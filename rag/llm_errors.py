"""What went wrong at a language model's endpoint, in one line with the remedy, whichever library said it.

Libraries are told apart by what their exceptions carry (`status_code`, a response's headers), not by their classes, so
that any provider of LangChain's is understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.errors import MissingExtra, ModelBusy, ModelError, RagError

_CONTEXT = re.compile(
    r"context[ _-]?(?:length|window|size)|exceeds?.{0,40}context|maximum context|prompt is too long|too many tokens"
    r"|input tokens exceed",
    re.IGNORECASE,
)
_NO_MONEY = re.compile(r"insufficient_quota|billing|credit balance|payment", re.IGNORECASE)
_INSTALL = re.compile(r"pip install (?:-\S+ )*([\w.-]+)")
_UNREACHED = {"ConnectError", "ConnectTimeout", "gaierror", "ConnectionRefusedError", "UnsupportedProtocol"}
_CODE = re.compile(r"^Error code: \d+ - ")
_LINE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """What messages name: the endpoint's host and port, the model, and the key that no message may hold."""

    host: str
    model: str
    secret: str = ""

    def line(self, text: object) -> str:
        """The text on one line of at most 200 characters, without the key and control characters."""
        words = str(text)[:5000].replace(self.secret, "***") if self.secret else str(text)[:5000]
        line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
        return line if len(line) <= _LINE else line[: _LINE - 1] + "…"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error to raise, and whether asking again may help: after `pause` seconds where the endpoint named them."""

    error: RagError
    again: bool = False
    pause: float | None = None
    status: int | None = None
    said: str = ""


def failure(raised: BaseException, place: Place) -> Failure:
    """What an exception of a provider's library means."""
    if isinstance(raised, RagError):
        return Failure(raised)
    if isinstance(raised, ImportError) and (package := _INSTALL.search(str(raised))):
        return Failure(MissingExtra(f"this RAG_LLM_PROVIDER needs another package: pip install {package[1]}"))
    said = place.line(_CODE.sub("", str(getattr(raised, "message", None) or raised)[:5000]))
    status = getattr(raised, "status_code", None) or getattr(raised, "code", None)
    if status == 413 or (_CONTEXT.search(said) and status in (None, 400, 422, 500)):
        return Failure(_too_long(place))
    if isinstance(status, int) and 300 <= status < 600:
        return _refused(status, raised, said, place)
    chain = [type(error).__name__ for error in _chain(raised)]
    if _UNREACHED.intersection(chain):
        reason = place.line(list(_chain(raised))[-1]) or said
        return Failure(
            ModelError(f"{place.host} cannot be reached ({reason}); is it running? check RAG_LLM_BASE_URL"), said=said
        )
    if any("Timeout" in name for name in chain):
        return Failure(ModelBusy(f"{place.host} did not answer in time; RAG_LLM_TIMEOUT sets more"), said=said)
    cut = any(name.endswith(("ReadError", "WriteError", "ProtocolError", "ConnectionError")) for name in chain)
    what = "broke the connection off" if cut else "sent what is no reply of a chat model"
    return Failure(ModelBusy(f"{place.host} {what} ({said or chain[0]})"), again=cut, said=said)


def _refused(status: int, raised: BaseException, said: str, place: Place) -> Failure:
    error: RagError
    if status in (401, 403):
        error = ModelError(f"{place.host} refuses the key ({status}); set RAG_LLM_API_KEY")
    elif status == 404:
        error = ModelError(
            f"{place.host} has no model {place.model} or no such address (404: {said}); "
            "check RAG_LLM_MODEL and RAG_LLM_BASE_URL, which mostly ends in /v1"
        )
    elif status in (402, 429) and (status == 402 or _NO_MONEY.search(said)):
        error = ModelError(f"the account at {place.host} has no credit left ({status}: {said})")
    elif status in (408, 409, 425, 429) or (status >= 500 and status != 501):
        pause = _pause(raised)
        return Failure(
            ModelBusy(f"{place.host} is overloaded or failing ({status}: {said}); try again later"),
            again=True,
            pause=pause,
            status=status,
            said=said,
        )
    else:
        error = ModelError(f"{place.host} refuses the request ({status}: {said})")
    return Failure(error, status=status, said=said)


def _too_long(place: Place) -> ModelError:
    return ModelError(
        f"the prompt is longer than the context of {place.model}; set RAG_LLM_CONTEXT to its tokens, or ask for fewer "
        "articles"
    )


def _pause(raised: BaseException) -> float | None:
    """The seconds of a Retry-After header."""
    headers = getattr(getattr(raised, "response", None), "headers", {})
    try:
        seconds = float(headers.get("retry-after", ""))
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < 86_400 else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, at most eight."""
    current: BaseException | None = error
    for _ in range(8):
        if current is None:
            return
        yield current
        current = current.__cause__ or current.__context__
