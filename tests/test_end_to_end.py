"""Kills and rivals, with the real command: nothing lost, nothing doubled, nothing half."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag.desk import open_desk
from rag.store import Store

pytestmark = pytest.mark.slow

MINISTERS = ("Nguyễn Văn An", "Trần Thị Bích", "Lê Quang Cường", "Anna Lindqvist", "Pierre Marchand", "Tariq Aziz Khan")
CITIES = ("Đà Nẵng", "Cần Thơ", "Stockholm", "Lyon", "Lahore", "Osaka", "Busan", "Porto", "Vientiane", "Yangon")
TOPICS = ("thuỷ sản", "giáo dục", "năng lượng tái tạo", "đường sắt", "du lịch", "nông nghiệp", "y tế", "bưu chính")

KILLS = int(os.environ.get("KILLS", "8"))  # KILLS=50 tries it longer


def write_articles(folder: Path, numbers: range) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        pick = random.Random(number)
        minister, city, topic = pick.choice(MINISTERS), pick.choice(CITIES), pick.choice(TOPICS)
        (folder / f"{number:04}.txt").write_text(
            f"Bản tin số {number}: {minister} hội đàm tại {city}\n\n"
            f"Bộ trưởng {minister} đã hội đàm với đoàn đại biểu thành phố {city} về hợp tác {topic}, "
            f"mã hồ sơ {number * 7919}.\n"
            f"Hai bên nhất trí dành {pick.randint(10, 9_999)} triệu đồng cho {pick.randint(2, 99)} dự án {topic} và "
            f"sẽ họp lại sau {pick.randint(2, 60)} tuần tại {pick.choice(CITIES)} cùng {pick.choice(MINISTERS)}.\n",
            encoding="utf-8",
        )


def ingest(folder: Path, store: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rag.cli", "ingest", str(folder), "--store", str(store)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def assert_whole(store_path: Path, folder: Path) -> int:
    """Every stored article is one of the folder's, once, complete, and found by its own vectors. How many there are."""
    with Store.open(store_path) as store:
        rows = store.articles()
        paths = [row.source.path for row in rows]
        assert len(set(paths)) == len(paths)
        assert {row.sources for row in rows} <= {1}
        for row in rows:
            article, chunks = store.article(row.id), store.chunks_of(row.id)
            assert article.text.split("\n")[-1] == Path(row.source.path).read_text(encoding="utf-8").split("\n")[-2]
            assert "".join(chunk.text for chunk in chunks) == article.text
            vectors = store.vectors_of([chunk.id for chunk in chunks])
            for chunk in chunks:
                nearest = store.dense(vectors[chunk.id], lang=article.source.lang or "vi", limit=3)
                assert chunk.id in [found for found, _ in nearest]
        return len(rows)


def test_kills_of_ingest_lose_nothing_double_nothing_and_leave_no_half(tmp_path: Path) -> None:
    pick, kills, round_, finished = random.Random(7), 0, 0, False
    while kills < KILLS:
        round_ += 1
        folder, store, most = tmp_path / f"news{round_}", tmp_path / f"store{round_}", 0
        write_articles(folder, range(160))
        finished = False
        while not finished and kills < KILLS:
            process = ingest(folder, store)
            time.sleep(pick.uniform(0.6, 3.0))
            finished = process.poll() is not None
            process.kill()
            process.communicate()
            kills += not finished
            if (store / "catalogue.sqlite3").is_file():
                stored = assert_whole(store, folder) if pick.random() < 0.4 else most
                assert stored >= most, "an article that was finished is gone"
                most = stored
        last = ingest(folder, store)
        assert last.communicate()[1] is not None
        assert last.returncode == 0
        assert assert_whole(store, folder) == 160


def test_two_processes_ingest_different_halves_at_once(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_articles(tmp_path / "one", range(200))
    write_articles(tmp_path / "two", range(200, 400))
    processes = [ingest(tmp_path / half, store) for half in ("one", "two")]
    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said.decode()
    assert assert_whole(store, tmp_path) == 400
    desk = open_desk(store=store)
    for number in random.Random(1).sample(range(400), 25):
        hits = desk.search(f"mã hồ sơ {number * 7919}", limit=3).hits
        assert any(hit.source.path.endswith(f"{number:04}.txt") for hit in hits)
    desk.close()
