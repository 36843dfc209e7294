"""What a folder of crawled files holds besides articles: each named with its reason, the rest ingested."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BODY = (
    "Ngoại trưởng hai nước hội đàm tại Hà Nội và nhất trí mở rộng hợp tác thương mại trong năm tới. "
    "Hai bên cũng trao đổi về việc khôi phục đường bay thẳng và tăng số lượng học bổng cho sinh viên."
)


CHILD = """
import sys
from rag.cli import main
try:
    main()
finally:  # getrusage would count the parent's memory at the fork
    print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


def write_all(folder: Path) -> None:
    folder.mkdir()
    (folder / "good.txt").write_text(BODY, encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "picture.txt").write_bytes(bytes(range(256)) * 50)
    (folder / "latin.txt").write_bytes("Élysée: déclaration à la presse".encode("latin-1") * 20)
    (folder / "broken.gz.txt.gz").write_bytes(b"\x1f\x8b\x08broken")
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n")
    with (folder / "line.txt").open("wb") as file:
        for _ in range(200):
            file.write(b"x" * 1_000_000)
    lines = [json.dumps({"text": BODY.replace("Hà Nội", "Huế"), "title": "Hội đàm"}), "{broken"]
    (folder / "news.jsonl").write_text("\n".join(lines), encoding="utf-8")
    paragraph = f"<p>{BODY.replace('Hà Nội', 'Đà Nẵng')}</p>"
    script = "<script>alert('x'); document.write('Ngoại trưởng bị bắt')</script>"
    (folder / "script.html").write_text(f"<html><body><article>{script}{paragraph}</article></body></html>")
    nested = "<div>" * 1_000 + paragraph.replace("Đà Nẵng", "Cần Thơ") + "</div>" * 1_000
    (folder / "nested.html").write_text(f"<html><body>{nested}</body></html>")
    (folder / "bomb.txt.gz").write_bytes(gzip.compress(b"\0" * 300_000_000))


def test_bad_files_are_named_with_a_reason_and_the_rest_is_ingested(tmp_path: Path) -> None:
    write_all(tmp_path / "news")
    arguments = ["ingest", str(tmp_path / "news"), "/nonexistent", "--json", "--store", str(tmp_path / "store")]
    done = subprocess.run([sys.executable, "-c", CHILD, *arguments], capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert int(done.stderr.split()[-1]) < 1_000_000  # kilobytes
    stored = {Path(article["path"]).name for article in report["articles"] if article["what"] == "new"}
    assert stored == {"good.txt", "news.jsonl", "script.html", "nested.html"}
    reasons = {Path(item["path"]).name: item["reason"] for item in report["rejected"]}
    assert set(reasons) == {
        *("empty.txt", "picture.txt", "latin.txt", "broken.gz.txt.gz", "photo.png", "line.txt", "news.jsonl"),
        *("bomb.txt.gz", "nonexistent"),
    }
    assert all(len(reason) > 10 for reason in reasons.values())
    again = subprocess.run([sys.executable, "-m", "rag.cli", *arguments], capture_output=True, text=True, check=True)
    second = json.loads(again.stdout)
    assert second["articles"] == []
    assert {Path(item["path"]).name for item in second["rejected"]} == set(reasons) - {"news.jsonl"}


def test_a_folder_without_rights_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        if os.access(closed, os.R_OK):
            pytest.skip("this user reads every folder")
        command = [sys.executable, "-m", "rag.cli", "ingest", str(tmp_path), "--json", "--store", str(tmp_path / "s")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "closed" in json.loads(done.stdout)["rejected"][0]["path"]
    finally:
        closed.chmod(0o700)
