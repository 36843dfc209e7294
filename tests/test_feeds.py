"""Files to raw articles: what is found, what is read, and what is refused by name with its reason."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.domain import Raw, Rejected
from rag.feeds import Found, digest, discover, read

BODY = "Bộ trưởng Ngoại giao Bùi Thanh Sơn đã gặp ông Lavrov tại Jakarta.\nHai bên trao đổi về hợp tác."


def read_path(path: Path, *, sha256: str | None = None) -> list[Raw | Rejected]:
    return list(read(Found(str(path), 0, 0), sha256=sha256))


def read_bytes(folder: Path, name: str, data: bytes) -> list[Raw | Rejected]:
    path = folder / name
    path.write_bytes(data)
    return read_path(path)


def the_raw(items: list[Raw | Rejected]) -> Raw:
    [item] = items
    assert isinstance(item, Raw), item
    return item


def the_reason(items: list[Raw | Rejected]) -> str:
    [item] = items
    assert isinstance(item, Rejected), item
    assert "\n" not in item.reason
    return item.reason


def names(items: Iterator[Found | Rejected]) -> list[str]:
    return [Path(item.path).name for item in items if isinstance(item, Found)]


@pytest.fixture
def without_rights() -> Iterator[Path]:
    """A folder whose file nobody but root may read, seen by an ordinary user."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    (folder / "closed").mkdir()
    (folder / "closed" / "a.txt").write_text(BODY)
    (folder / "a.txt").write_text(BODY)
    (folder / "a.txt").chmod(0)
    (folder / "closed").chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield folder
    if root:
        os.seteuid(0)
    (folder / "closed").chmod(0o755)
    shutil.rmtree(folder)


# What there is to read


def test_a_folder_is_walked_whole_and_sorted_without_hidden_entries(tmp_path: Path) -> None:
    for name in ("b.txt", "a/d.md", "a/c.html.gz", ".git/x.txt", "a/.hidden.txt", "z.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(BODY)
    found = list(discover([str(tmp_path)]))
    assert names(iter(found)) == ["c.html.gz", "d.md", "b.txt", "z.jsonl"]
    assert isinstance(found[2], Found)
    assert (found[2].size, found[2].mtime_ns) == (len(BODY.encode()), (tmp_path / "b.txt").stat().st_mtime_ns)


def test_a_loop_of_links_ends_and_a_file_named_twice_is_found_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BODY)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "same.txt").symlink_to(tmp_path / "a.txt")
    path = str(tmp_path)
    assert names(discover([path, f"{path}/a.txt", f"{path}/*.txt", f"{path}/**/*.txt"])) == ["a.txt"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", ["a.txt"]),
        ("**/*.txt", ["a.txt", "b.txt", "c.txt"]),
        ("20*/*.txt", ["b.txt"]),
        ("2023/**", ["b.txt", "c.txt"]),
        ("2*", ["b.txt", "c.txt"]),
        ("[ab].txt", ["a.txt"]),
    ],
)
def test_patterns_match_as_in_a_shell(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    (tmp_path / "2023" / "07").mkdir(parents=True)
    for name in ("a.txt", "2023/b.txt", "2023/07/c.txt"):
        (tmp_path / name).write_text(BODY)
    assert sorted(names(discover([f"{tmp_path}/{pattern}"]))) == expected


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "bài [1].txt").write_text(BODY)
    assert names(discover([f"{tmp_path}/bài [1].txt"])) == ["bài [1].txt"]


def test_what_is_not_read_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "photo.PNG").write_bytes(b"\x89PNG")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / os.fsdecode(b"b\xe0i.txt")).write_text(BODY)
    paths = [str(tmp_path), f"{tmp_path}/missing.txt", f"{tmp_path}/*.html", f"{tmp_path}/none/*.txt"]
    reasons = {Path(item.path).name: item.reason for item in discover(paths) if isinstance(item, Rejected)}
    assert "not a kind this reads (.PNG)" in reasons["photo.PNG"]
    assert "is not there" in reasons["gone.txt"]
    assert "is a pipe" in reasons["pipe.txt"]
    assert "not UTF-8" in reasons["b\\udce0i.txt"]
    assert "is not there" in reasons["missing.txt"]
    assert "matches no file" in reasons["*.html"]
    assert "is not there" in reasons["none"]
    assert len(reasons) == 7


def test_a_folder_and_a_file_without_rights_are_named(without_rights: Path) -> None:
    found = list(discover([str(without_rights)]))
    assert [Path(item.path).name for item in found if isinstance(item, Rejected)] == ["closed"]
    [file] = [item for item in found if isinstance(item, Found)]
    assert "no rights" in the_reason(list(read(file)))
    with pytest.raises(PermissionError):
        digest(file.path)


# Text


def test_a_text_file_keeps_its_lines_and_their_numbers(tmp_path: Path) -> None:
    raw = the_raw(read_bytes(tmp_path, "a.txt", b"\xef\xbb\xbf\r\n" + BODY.replace("\n", "\r\n").encode()))
    assert raw.text == "\n" + BODY
    assert raw.sha256 == digest(str(tmp_path / "a.txt"))
    assert raw.item == 0
    assert not raw.markup


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_a_gzipped_file_reads_as_the_file(tmp_path: Path, name: str) -> None:
    text = f"<html><body><p>{BODY}</p></body></html>" if name == "a.html" else BODY
    packed = gzip.compress(text.encode())
    raw = the_raw(read_bytes(tmp_path, f"{name}.gz", packed))
    assert raw.text == the_raw(read_bytes(tmp_path, name, text.encode())).text
    assert raw.sha256 == hashlib.sha256(packed).hexdigest()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_text_with_a_byte_order_mark_is_read_by_it(tmp_path: Path, encoding: str) -> None:
    assert the_raw(read_bytes(tmp_path, "a.txt", BODY.encode(encoding))).text == BODY


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "is empty"),
        ("a.html", b" \n\t\r\n", "is empty"),
        ("a.txt", "Hà Nội".encode("windows-1258", "ignore") + b"\xff", "is not UTF-8: byte 0xe0 at offset 1"),
        ("a.txt", BODY.encode() + b"\xc3", "is not UTF-8: byte 0xc3 at offset 119; convert it to UTF-8 with iconv"),
        ("a.txt", b"text\0text", "NUL at character 4"),
        ("a.txt", bytes(range(1, 256)) * 20, "is a binary"),
        ("a.txt", b"\x89PNG\r\n\x1a\n", "is a picture"),
        ("a.html", b"%PDF-1.7 plain ASCII", "is a PDF"),
        ("a.txt", b"x" * 5_000_001, "holds more than 5 MB"),
        ("a.txt.gz", gzip.compress(b"x" * 60_000_000), "holds more than 5 MB"),
        ("a.txt.gz", gzip.compress(BODY.encode())[:-12], "is a broken gzip file"),
        ("a.txt.gz", BODY.encode(), "is a broken gzip file"),
        ("a.txt.gz", gzip.compress(gzip.compress(BODY.encode())), "is a gzip file within"),
        ("a.html", b"<html><script>var a = 1</script><style>p {}</style></html>", "holds markup but no text"),
        ("a.md", b"---\ntitle: x\n---\n\n", "is empty but for its front matter"),
        ("a.css", b"p {}", "not a kind this reads (.css)"),
        ("a.jsonl", b"\n \n", "is empty"),
        ("a.jsonl", b"\x00" * 1000, "is a binary"),
        ("a.jsonl", '{"text": "x"}'.encode("utf-16"), "is UTF-16"),
    ],
)
def test_bad_files_are_refused_with_the_reason(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    assert reason in the_reason(read_bytes(tmp_path, name, data))


def test_a_folder_a_pipe_and_a_vanished_file_are_refused_and_never_waited_for(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert "is a folder" in the_reason(read_path(tmp_path / "folder.txt"))
    assert "is a pipe" in the_reason(read_path(tmp_path / "pipe.jsonl"))
    assert "is not there" in the_reason(read_path(tmp_path / "gone.txt"))
    with pytest.raises(OSError, match="is a pipe"):
        digest(str(tmp_path / "pipe.jsonl"))


# Markdown


def test_front_matter_is_metadata_and_leaves_the_line_numbers(tmp_path: Path) -> None:
    text = '---\ntitle: "Hội đàm: Nga và Trung Quốc"\nDate: 13/7/2023\ntags: [a]\n---\n# Khác\nThân bài.\n'
    raw = the_raw(read_bytes(tmp_path, "a.md", text.encode()))
    assert (raw.title, raw.published, raw.author) == ("Hội đàm: Nga và Trung Quốc", "13/7/2023", None)
    assert raw.text == "\n\n\n\n\n# Khác\nThân bài.\n"


def test_the_heading_of_a_markdown_file_is_its_title_and_a_rule_is_not_front_matter(tmp_path: Path) -> None:
    raw = the_raw(read_bytes(tmp_path, "a.md", "\n# Hội đàm\n\nThân bài.".encode()))
    assert (raw.title, raw.text) == ("Hội đàm", "\n# Hội đàm\n\nThân bài.")
    assert the_raw(read_bytes(tmp_path, "b.md", b"---\nno end")).text == "---\nno end"


# Pages


def test_a_page_in_a_declared_charset_is_read_in_it_and_in_no_other(tmp_path: Path) -> None:
    page = '<html><head><meta charset="{}"></head><body><p>Переговоры министров прошли в Москве.</p></body></html>'
    raw = the_raw(read_bytes(tmp_path, "a.html", page.format("windows-1251").encode("cp1251")))
    assert raw.text == "Переговоры министров прошли в Москве."
    assert raw.markup
    for charset in ("utf-8", "punycode", "unicode_escape", "x-none"):
        reason = the_reason(read_bytes(tmp_path, "b.html", page.format(charset).encode("cp1251")))
        assert "is not UTF-8" in reason


# JSON lines


def test_each_line_is_an_article_and_a_bad_one_costs_only_itself(tmp_path: Path) -> None:
    good = {"text": BODY, "url": "https://a.vn/1", "title": " Tiêu  đề ", "published": "2023-07-13", "more": [1]}
    lines = [
        json.dumps(good, ensure_ascii=False),
        "",
        '{"text": "cut',
        '["a"]',
        '{"text": 5}',
        '{"text": "x", "published": 20230713}',
        '{"title": "no text", "text": " "}',
        '{"text": "\\ud800"}',
        "[" * 100_000,
        '{"text": ' + "9" * 10_000 + "}",
        '{"html": "<html><title>T</title><body><p>Thân bài ở đây.</p></body></html>", "title": "Riêng", "lang": null}',
    ]
    items = read_bytes(tmp_path, "a.jsonl", "\n".join(lines).encode())
    first, *rejected, last = items
    assert isinstance(first, Raw)
    assert isinstance(last, Raw)
    assert (first.item, first.text, first.title, first.published) == (1, BODY, "Tiêu đề", "2023-07-13")
    assert first.sha256 == hashlib.sha256(lines[0].encode()).hexdigest()
    assert (last.item, last.text, last.title, last.markup) == (11, "Thân bài ở đây.", "Riêng", True)
    expected = {
        3: "is not JSON",
        4: "is a list, not an object",
        5: "has a number as `text`",
        6: "has a number as `published`",
        7: "has no text; add `text` or `html`",
        8: "half a surrogate pair in `text`",
        9: "is nested too deeply",
        10: "is not JSON: a number too long",
    }
    assert {item.item for item in rejected} == set(expected)
    for item in rejected:
        assert isinstance(item, Rejected)
        assert expected[item.item] in item.reason
        assert item.reason.startswith(f"line {item.item} ")


def test_invalid_bytes_in_a_line_are_named_and_the_other_lines_read(tmp_path: Path) -> None:
    bad, good = read_bytes(tmp_path, "a.ndjson", b'{"text": "\xff"}\n{"text": "ok"}\n')
    assert isinstance(bad, Rejected)
    assert "line 1 is not UTF-8: byte 0xff at offset 10" in bad.reason
    assert isinstance(good, Raw)


def test_a_gzip_stream_cut_short_keeps_the_lines_before_the_cut(tmp_path: Path) -> None:
    line = json.dumps({"text": os.urandom(20_000).hex()}).encode() + b"\n"
    *raws, last = read_bytes(tmp_path, "a.jsonl.gz", gzip.compress(line * 4)[:-4000])
    assert raws
    assert all(isinstance(raw, Raw) for raw in raws)
    assert isinstance(last, Rejected)
    assert f"broken gzip file (cut short or damaged); fetch or compress it again; its first {len(raws)}" in last.reason


CHILD = """
import sys
from rag.domain import Raw
from rag.feeds import Found, read
import rag.markup
for path in sys.argv[1:]:
    for item in read(Found(path, 0, 0)):
        print(item.item, item.text if isinstance(item, Raw) else item.reason)
status = open("/proc/self/status").read()  # getrusage would count the parent's memory at the fork
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def test_a_line_of_200_mb_is_passed_over_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "first"}\n{"text": "')
        for _ in range(200):
            file.write(b"a" * 1_000_000)
        file.write(b'"}\n{"text": "last"}\n')
    shutil.copyfile(path, tmp_path / "b.txt")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(tmp_path / "b.txt")], capture_output=True, text=True, check=True
    )
    first, long, last, text, peak = done.stdout.splitlines()
    assert (first, last) == ("1 first", "3 last")
    assert long == "2 line 2 is longer than 16 MB; write one article a line"
    assert "holds more than 5 MB" in text
    assert int(peak) < 200


# Laws


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["a.txt", "a.md", "a.html", "a.jsonl", "a.txt.gz", "a.jsonl.gz", "a.html.gz"]),
    start=st.sampled_from(
        [b"", b"---\n", b"<html><p>", b'{"text": "', b"\xff\xfe", b"\xef\xbb\xbf", b"<meta charset=big5>"]
    ),
    data=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    pack=st.booleans(),
)
def test_any_bytes_give_raws_and_rejecteds_and_raise_nothing(name: str, start: bytes, data: bytes, pack: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = gzip.compress(start + data) if pack else start + data
        items = read_bytes(Path(folder), name, data)
    assert items
    for item in items:
        assert isinstance(item, Raw | Rejected)
        if isinstance(item, Raw):
            assert item.text.strip()
            assert "\r" not in item.text
            item.text.encode("utf-8")


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff")).filter(str.strip))
def test_a_text_file_comes_back_as_it_was_written(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        items = read_bytes(Path(folder), "a.txt", text.encode())
    if isinstance(items[0], Raw):
        assert items[0].text == text
    else:
        assert "not text" in items[0].reason


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")).filter(str.strip), min_size=1
    )
)
def test_json_lines_come_back_in_order_with_their_numbers(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = "\n".join(json.dumps({"text": text}) for text in texts)
        items = read_bytes(Path(folder), "a.jsonl", lines.encode())
    assert [(item.item, item.text) for item in items if isinstance(item, Raw)] == list(enumerate(texts, 1))
