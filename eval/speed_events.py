"""How fast events are read at ingest and found again: `python -m eval.speed_events --work DIR [--articles N]`.

Makes N invented articles (10,000 unless told) in Vietnamese and English, each telling an event of invented persons
on a day of one of sixty, two in five of them an event that another article told; reads and links their events through
the store's own commit, and asks for one day and for its briefing, each in a fresh process. Nothing is embedded: the
articles are stored without passages, for only events are measured. Prints Markdown, with `--json` one object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from eval.embedding import machine
from eval.speed_names import persons
from rag import events
from rag.domain import Article, Source
from rag.recorded import Linking, row
from rag.store import Entry, FileRecord, Store

BATCH = 64  # articles of one commit
FIRST_DAY, DAYS = date(2023, 9, 1), 60
TOLD_BEFORE = 0.4
CITIES = {
    "vi": ("Hà Nội", "Băng Cốc", "Tokyo", "Seoul", "Bắc Kinh", "Viêng Chăn", "Paris", "Canberra"),
    "en": ("Hanoi", "Bangkok", "Tokyo", "Seoul", "Beijing", "Vientiane", "Paris", "Canberra"),
}
TEMPLATES = {
    "vi": (
        "Ngày {d}/{m}/{y}, tại {city}, Bộ trưởng Ngoại giao {one} đã hội đàm với Thủ tướng {two}.\n"
        "Hai bên nhất trí tăng cường hợp tác về nông nghiệp, giáo dục và {n} dự án năng lượng.\n"
        "Ông {one} cho biết kim ngạch thương mại đạt {n} tỷ USD trong năm qua.\nDự kiến hai bên gặp lại vào năm tới.",
        "Ngày {d}/{m}/{y}, Bộ trưởng {one} và Đại sứ {two} đã ký bản ghi nhớ về vận tải biển tại {city}.\n"
        "Theo văn bản, hai bên sẽ mở {n} chuyến tàu mỗi tháng.\n"
        "Phát biểu tại lễ ký, ông {two} nhấn mạnh tầm quan trọng của tuyến hàng hải này.",
    ),
    "en": (
        "{city}, {month} {d}, {y} - Foreign Minister {one} held talks with Prime Minister {two} in {city} "
        "on {month} {d}, {y}.\nThe two sides agreed to step up cooperation in farming, education and {n} energy "
        "projects.\n{one} said trade had reached {n} billion dollars last year.\nThey are to meet again next year.",
        "Minister {one} and Ambassador {two} signed a memorandum of understanding on shipping in {city} on "
        "{month} {d}, {y}.\nUnder the document, the two sides will run {n} ships a month.\n"
        'At the ceremony, {two} said: "This route matters to both our countries."',
    ),
}
DAY = """
import json, sys, time
from datetime import date
from pathlib import Path
from rag.briefs import Asked
from rag.desk import open_desk
from rag.recorded import Wanted
began = time.perf_counter()
desk = open_desk(store=Path(sys.argv[1]))
if sys.argv[3] == "events":
    found = desk.events(Wanted(since=sys.argv[2], until=sys.argv[2])).events
else:
    found = desk.brief(Asked(*[date.fromisoformat(sys.argv[2])] * 2)).events
taken = time.perf_counter() - began
peak = next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([len(found), taken, peak]))
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run finds: rates in articles a second of one core, times in seconds, memory at its peak in MB."""

    machine: str
    articles: int
    records: int
    events: int
    extracted: float
    linked: float
    memory: float
    day_events: int
    day: float
    day_process: float
    day_memory: float
    brief_events: int
    brief: float
    brief_process: float
    brief_memory: float


def written(count: int, *, seed: int = 0) -> Iterator[Article]:
    """Invented articles that tell events, the same for the same seed."""
    chance = random.Random(f"events {seed}")
    cast = list(islice(persons(seed), max(200, count // 2)))
    told: list[tuple[int, dict[str, str], dict[str, str], date, int, int]] = []
    for number in range(count):
        if told and chance.random() < TOLD_BEFORE:
            template, one, two, day, city, amount = chance.choice(told)
        else:
            one, two = chance.sample(cast, 2)
            day = FIRST_DAY + timedelta(chance.randrange(DAYS))
            template, city, amount = chance.randrange(2), chance.randrange(len(CITIES["vi"])), chance.randint(3, 900)
            told.append((template, one, two, day, city, amount))
        lang = chance.choice(("vi", "en"))
        text = TEMPLATES[lang][template].format(
            one=one[lang], two=two[lang], city=CITIES[lang][city], n=amount,
            d=day.day, m=day.month, y=day.year, month=f"{day:%B}",
        )  # fmt: skip
        text += f"\n{('Bài số', 'Article')[lang == 'en']} {number}."
        sha = hashlib.sha256(text.encode()).hexdigest()
        yield Article(
            Source(sha[:16], f"{number}.txt", sha, outlet=f"Outlet {number % 7}", lang=lang, published=str(day)), text
        )


def measure(work: Path, *, articles: int, seed: int = 0) -> Measured:
    """One run on a new store in `work`. Raises FileExistsError where one is there."""
    path = work / f"events-{articles}-{seed}"
    path.mkdir(parents=True)
    next(iter(map(events.extract, written(1, seed=seed))))  # what is loaded once is not counted
    reading = linking = 0.0
    with Store.open(path, create=True, embedder="none", dimension=1) as store:
        link = Linking(store)
        made = written(articles, seed=seed)
        for number in range(0, articles, BATCH):
            batch = list(islice(made, BATCH))
            began = time.process_time()
            told = [tuple(map(row, events.extract(article))) for article in batch]
            read = time.process_time()
            entries = [Entry(article, (), (), {}, records=rows) for article, rows in zip(batch, told, strict=True)]
            # A file of all would be compared with what it gave before; each batch is a file of its own.
            file = FileRecord(f"part-{number}", BATCH, 0, str(number))
            named = [
                Entry(_in(file.path, item, entry.article), (), (), {}, records=entry.records)
                for item, entry in enumerate(entries)
            ]
            store.commit(file, named, link=link)
            reading, linking = reading + read - began, linking + time.process_time() - read
        records, found = len(store.records_of()), len(store.record_groups())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(
        machine(),
        articles,
        records,
        found,
        round(articles / reading, 1),
        round(articles / linking, 1),
        round(memory, 1),
        *_asked(path, "events"),
        *_asked(path, "brief"),
    )


def _asked(path: Path, what: str) -> tuple[int, float, float, float]:
    """One day of the store in a fresh process: events, seconds of the asking and of it all, MB at its peak."""
    began = time.perf_counter()
    day = (FIRST_DAY + timedelta(DAYS // 2)).isoformat()
    command = [sys.executable, "-c", DAY, str(path), day, what]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    count, taken, memory = json.loads(done.stdout)
    return count, round(taken, 3), round(time.perf_counter() - began, 3), round(memory, 1)


def _in(path: str, item: int, article: Article) -> Article:
    from dataclasses import replace

    return replace(article, source=replace(article.source, path=path, item=item))


def as_text(found: Measured) -> str:
    """The run as Markdown."""
    lines = (
        f"{found.articles:,} articles, {found.records:,} records, {found.events:,} events",
        "",
        "| | |",
        "|---|---|",
        f"| read for events, articles a second of one core | {found.extracted:,} |",
        f"| stored and linked, articles a second of one core | {found.linked:,} |",
        f"| memory of the process at its peak | {found.memory:,.0f} MB |",
        f"| the {found.day_events:,} events of one day | {found.day:.2f} s |",
        f"| the same in a fresh process, from its start | {found.day_process:.2f} s |",
        f"| its memory at its peak | {found.day_memory:,.0f} MB |",
        f"| the briefing of one day, {found.brief_events:,} events | {found.brief:.2f} s |",
        f"| the same in a fresh process, from its start | {found.brief_process:.2f} s |",
        f"| its memory at its peak | {found.brief_memory:,.0f} MB |",
    )
    return "\n".join((found.machine, "", *lines))


def main(arguments: Sequence[str] | None = None) -> None:
    """Makes the articles, measures, prints."""
    parser = argparse.ArgumentParser(prog="python -m eval.speed_events", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="the folder that keeps the store")
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.articles < 1:
        parser.error("--articles is at least 1")
    try:
        found = measure(options.work, articles=options.articles, seed=options.seed)
    except FileExistsError as error:
        parser.error(f"{error.filename} is there; give another --work or --seed")
    print(json.dumps(asdict(found), ensure_ascii=False) if options.json else as_text(found))


if __name__ == "__main__":
    main()
