"""Invented news for the fault suite: articles unlike one another, in files that are written and written again."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.embed import Embedder, Floats, Progress
from rag.prepare import clean_file

_SYLLABLES = (
    "hội nghị ngoại trưởng gặp phái đoàn thương mại hợp tác biên giới khu vực tuyên bố quan hệ đối tác chiến "
    "lược đại sứ thăm chính thức ký kết nguyên thủ hòa bình ổn định phát triển kinh tế đầu tư văn hóa giáo dục "
    "quốc phòng an ninh biển đảo nông sản xuất khẩu nhập tăng giảm tháng năm ngày đầu cuối giữa kỳ vọng"
).split()
_WORDS = (
    "the two sides agreed that ministers would meet again and sign accords on trade border water ports rail energy "
    "fishing visas students flights after talks in which envoys spoke of calm seas steady ties shared aims and work"
).split()
_PERSONS = ("Bùi Thanh Sơn", "Vương Nghị", "Sergei Lavrov", "Retno Marsudi", "Penny Wong", "Saleumxay Kommasith")
_PLACES = ("Hà Nội", "Bắc Kinh", "Jakarta", "Viêng Chăn", "Canberra", "Moskva")
EVERY_PACKED = 10  # one file in ten is a .jsonl of three articles


class Invented(Embedder):
    """Unit vectors that only their text and the embedder's name decide. Costs next to nothing."""

    def __init__(self, name: str) -> None:
        self.name = f"invented {name}"
        self.dimension = 24 if name == "one" else 32

    def passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Floats:
        return np.stack([self.query(text) for text in texts]) if texts else np.empty((0, self.dimension), np.float32)

    def query(self, text: str) -> Floats:
        seed = int(hashlib.sha256(f"{self.name}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:16], 16)
        drawn = np.random.default_rng(seed).normal(size=self.dimension)
        return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def article(number: int, version: int) -> str:
    """The text of one article; no other number or version has one near it."""
    drawn = random.Random(f"{number} {version}")
    words, lang = (_WORDS, "en") if number % 3 == 0 else (_SYLLABLES, "vi")
    one, other = drawn.sample(_PERSONS, 2)
    place, day = drawn.choice(_PLACES), f"{drawn.randint(1, 28)}/{drawn.randint(1, 12)}/2023"
    lead = (
        f"On {day} {one} met {other} in {place} to speak of accord {number}-{version}."
        if lang == "en"
        else f"Ngày {day}, ông {one} gặp ông {other} tại {place} để bàn về thỏa thuận số {number}-{version}."
    )
    lines = [" ".join(drawn.choices(words, k=45)).capitalize() + f" {number}-{version}-{part}." for part in range(4)]
    return "\n\n".join([lead, *lines])


def write(folder: Path, number: int, version: int) -> Path:
    """The file of this number, as it is in this version."""
    folder.mkdir(parents=True, exist_ok=True)
    if number % EVERY_PACKED:
        path = folder / f"{number:05}.txt"
        path.write_text(article(number, version), "utf-8")
        return path
    path = folder / f"{number:05}.jsonl"
    texts = [article(1_000_000 + 10 * number + part, version) for part in range(3)]
    path.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), "utf-8")
    return path


def ids(path: Path) -> frozenset[str]:
    """The ids of the articles that the file gives as it is now. Raises ValueError where one would be rejected."""
    found = clean_file(str(path))
    if any(not hasattr(each, "id") for each in found):
        raise ValueError(f"{path} gives no article")
    return frozenset(each.id for each in found)  # type: ignore[union-attr]
