"""How fast the page is: its start, its first paint, and its answers to many people at once.

    python -m eval.speed_page --store DIR [--users 20] [--rounds 5]

`rag serve` runs as a process of its own. The users ask different questions in several languages by the page's own way,
Gradio's queue, all at once and again when all are answered; then one alone, beside one who asks very long questions,
and beside one who goes away in the middle of every answer. Answers are extracts unless a model is set (RAG_LLM_MODEL).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from eval.cases import GOLD, read_jsonl

FILES = ("seeds_dev", "seeds_held", "synthetic_questions")
LONG = 1_900  # characters of a long question
PAUSE = 0.25  # seconds before who went away asks again
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_WRITING = 2  # messages: the question stands there, and the desk is asked


@dataclass(slots=True)
class Measured:
    """The seconds of each answer, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, share: int) -> float:
        """Seconds within which that share (percent) of the answers came."""
        return float(np.percentile(self.seconds, share)) if self.seconds else float("nan")

    def line(self, name: str) -> str:
        """One line of the report."""
        return (
            f"{name:<34} {len(self.seconds):>4} answers {len(self.errors):>3} errors   "
            f"p50 {self.percentile(50):.3f} s   p95 {self.percentile(95):.3f} s"
        )


class User:
    """Somebody with the page open in a window: asks by its send button."""

    def __init__(self, address: str) -> None:
        self._http = httpx.AsyncClient(base_url=address, timeout=120)
        self._event: dict[str, Any] = {}
        self._values: list[Any] = []
        self._place = 0
        self._window = uuid.uuid4().hex[:11]

    async def open(self) -> None:
        """Open the page, which gives the browser its cookie, and find the send button."""
        (await self._http.get("/")).raise_for_status()
        config = (await self._http.get("/config")).json()
        made = {each["id"]: each["props"] for each in config["components"]}
        named = {props.get("elem_id"): number for number, props in made.items()}
        self._event = next(each for each in config["dependencies"] if [named["send"], "click"] in each["targets"])
        self._values = [made[number].get("value") for number in self._event["inputs"]]
        self._place = self._event["inputs"].index(named["question"])

    async def ask(self, question: str) -> float:
        """Seconds until the whole answer is there. Raises ValueError where none comes."""
        started = time.perf_counter()
        last = ""
        async with self._asked(question) as lines:
            async for message in lines:
                if message["msg"] == "process_completed":
                    last = json.dumps(message["output"]) if message["success"] else ""
                    break
                last = json.dumps(message)
        if 'class=\\"answer' not in last:
            raise ValueError(f"no answer to {question[:60]!r}: {last[:200]}")
        return time.perf_counter() - started

    async def leave(self, question: str) -> None:
        """Ask and go away while the answer is being written."""
        shown = 0
        async with self._asked(question) as lines:
            async for message in lines:
                shown += message["msg"] == "process_generating"
                if shown == _WRITING or message["msg"] == "process_completed":
                    break
        self._window = uuid.uuid4().hex[:11]

    async def close(self) -> None:
        """Close the window."""
        await self._http.aclose()

    @asynccontextmanager
    async def _asked(self, question: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        data = [*self._values[: self._place], question, *self._values[self._place + 1 :]]
        call = {"data": data, "fn_index": self._event["id"], "session_hash": self._window, "trigger_id": None}
        (await self._http.post("/gradio_api/queue/join", json=call)).raise_for_status()
        async with self._http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._window}) as stream:

            async def messages() -> AsyncIterator[dict[str, Any]]:
                async for line in stream.aiter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line.removeprefix("data:"))

            yield messages()


async def together(address: str, questions: Sequence[str], *, users: int, rounds: int) -> Measured:
    """That many users, who all ask at once, and again when all of them are answered."""
    measured = Measured()
    asked = cycle(questions)
    async with opened(address, users) as people:
        for _ in range(rounds):
            await asyncio.gather(*(_timed(user, question, measured) for user, question in zip(people, asked)))  # noqa: B905
    return measured


async def alone(
    address: str, questions: Sequence[str], *, beside: Callable[[User, str], Awaitable[object]] | None = None
) -> Measured:
    """One user who asks one question after another, while another one does `beside` all the time."""
    measured = Measured()
    async with opened(address, 2) as (user, other):

        async def busy() -> None:
            for question in cycle(questions[::-1]):
                with suppress(ValueError):
                    await beside(other, question) if beside else None

        task = asyncio.ensure_future(busy()) if beside else None
        for question in questions:
            await _timed(user, question, measured)
        if task:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    return measured


@asynccontextmanager
async def opened(address: str, users: int) -> AsyncIterator[list[User]]:
    """So many users with the page open."""
    people = [User(address) for _ in range(users)]
    try:
        await asyncio.gather(*(user.open() for user in people))
        yield people
    finally:
        await asyncio.gather(*(user.close() for user in people))


async def _timed(user: User, question: str, measured: Measured) -> None:
    try:
        measured.seconds.append(await user.ask(question))
    except (ValueError, httpx.HTTPError) as error:
        measured.errors.append(repr(error))


async def _long(user: User, question: str) -> None:
    await user.ask((f"{question} " * LONG)[:LONG])


async def _left(user: User, question: str) -> None:
    await user.leave(question)
    await asyncio.sleep(PAUSE)


@contextmanager
def serving(store: Path) -> Iterator[tuple[str, float]]:
    """The address of `rag serve` on a store, and the seconds until it gave its page."""
    command = [sys.executable, "-m", "rag.cli", "serve", "--port", "0", "--store", str(store)]
    started = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = ""
        try:
            for line in server.stderr:
                said += line
                if found := re.search(r"http://\S+", line):
                    httpx.get(found[0], timeout=60).raise_for_status()
                    yield found[0], time.perf_counter() - started
                    return
            sys.exit(f"rag serve ended: {said}")
        finally:
            server.terminate()
            server.communicate(timeout=20)


def painted(address: str, *, times: int = 3) -> list[float]:
    """Seconds until the page is painted first in a browser that has nothing of it yet; none without a browser."""
    binary = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if binary is None:
        return []
    from playwright.sync_api import sync_playwright

    found: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=_FLAGS)
        for _ in range(times):
            page = browser.new_context().new_page()
            page.goto(address)
            page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
            found.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000)
            page.context.close()
        browser.close()
    return found


def questions_of(count: int, *, seed: int = 0) -> list[str]:
    """Questions of the gold data in several languages, in an order that the seed decides."""
    records = [record["question"] for name in FILES for record in read_jsonl(GOLD / f"{name}.jsonl")]
    random.Random(seed).shuffle(records)
    return list(islice(cycle(records), count))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    questions = questions_of(options.users * options.rounds)
    few = questions[:30]
    with serving(options.store) as (address, seconds):
        print(f"start {seconds:.2f} s", flush=True)
        print("first paint " + (", ".join(f"{each:.2f} s" for each in painted(address)) or "not measured"), flush=True)
        first = asyncio.run(alone(address, questions[-1:]))
        print(f"first answer {first.percentile(50):.2f} s", flush=True)
        lone = asyncio.run(alone(address, few))
        print(lone.line("one user"), flush=True)
        crowd = asyncio.run(together(address, questions, users=options.users, rounds=options.rounds))
        print(crowd.line(f"{options.users} users at once"), f"  p95 {crowd.percentile(95) / lone.percentile(95):.1f} x")
        for name, beside in (("one beside very long questions", _long), ("one beside cancelled answers", _left)):
            measured = asyncio.run(alone(address, few, beside=beside))
            print(measured.line(name), f"  p95 {measured.percentile(95) / lone.percentile(95):.1f} x", flush=True)
        lone = asyncio.run(alone(address, few))
        print(lone.line("one user again"))
        for error in crowd.errors[:5]:
            print(error)


if __name__ == "__main__":
    main()
