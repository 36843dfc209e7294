"""What is remembered of words, and that nothing is of long ones."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

from rag import events, names
from rag.domain import Article, Raw
from rag.prepare import cleaned
from rag.remembered import LONG, remembered

SEED = Path(__file__).parent.parent / "seeds" / "000_b32313107789612d.txt"


def test_short_arguments_are_worked_out_once_and_long_ones_each_time() -> None:
    calls: list[tuple[object, ...]] = []

    @remembered(10)
    def lower(text: str) -> str:
        """In lower case."""
        calls.append((text,))
        return text.lower()

    @remembered(10)
    def joined(words: tuple[str, ...], lang: str) -> str:
        calls.append((words, lang))
        return " ".join(words)

    long = "X" * (LONG + 1)
    assert [lower("A"), lower("A"), lower(long), lower(long)] == ["a", "a", long.lower(), long.lower()]
    assert [joined(("A", "B"), "en"), joined(("A", "B"), "en")] == ["A B", "A B"]
    assert joined((long,), "en") == joined((long,), "en") == long
    assert calls == [("A",), (long,), (long,), (("A", "B"), "en"), ((long,), "en"), ((long,), "en")]
    assert lower.__doc__ == "In lower case."


def test_pages_with_words_of_ten_thousands_of_letters_leave_nothing_in_memory() -> None:
    seed = cleaned(Raw(SEED.read_text("utf-8"), "a.txt", "0"))
    assert isinstance(seed, Article)

    def read(number: int) -> None:
        word = ("Nguyễn" + chr(ord("a") + number)) * 5_000
        line = f"Ông {word} hôm qua gặp bà Mary {word} tại Hà Nội để bàn về thương mại."
        article = replace(seed, text=f"{line} {seed.text}")
        names.find(article.text, lang="vi")
        events.extract(article)

    for number in range(3):  # tables and patterns are loaded
        read(number)
    tracemalloc.start()
    for number in range(3, 8):
        read(number)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 400_000
