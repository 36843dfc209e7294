"""Hostile input: bombs, deep nesting, endless lines, links that climb out, letters that hide or look alike."""

import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from eval import fuzz, fuzz_linear
from eval.fuzz_laws import TARGETS, Target, article_of
from rag import feeds, uploads
from rag.answer_html import escaped
from rag.bridge import same
from rag.cite import locate
from rag.clean import clean
from rag.domain import Raw, Rejected
from rag.mentions import find
from rag.name_index import NameIndex
from rag.render import plain
from rag.replies import Reader

ROOT = Path(__file__).parent.parent
BODY = "Ngoại trưởng Vương Nghị hội đàm với Ngoại trưởng Sergei Lavrov tại Jakarta ngày 12/7 và nhất trí hợp tác.\n" * 4


def read(path: Path) -> list[Raw | Rejected]:
    found = list(feeds.discover([str(path)]))
    return [each for one in found for each in ([one] if isinstance(one, Rejected) else feeds.read(one))]


def reasons(path: Path) -> list[str]:
    return [each.reason for each in read(path) if isinstance(each, Rejected)]


# Fuzzing


@pytest.mark.parametrize("path", sorted(fuzz.CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_what_once_broke_a_law_obeys_it(path: Path) -> None:
    kept = json.loads(path.read_text(encoding="utf-8"))
    next(target for target in TARGETS if target.name == kept["target"]).law(fuzz.unpacked(kept["input"]))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_few_hostile_inputs_obey_the_law_of_each_target(target: Target) -> None:
    tally = fuzz.fuzz(target, seconds=None, examples=5)
    assert tally.inputs >= 5
    assert tally.crashes == {}


def test_a_fuzzer_finds_a_law_that_does_not_hold_and_keeps_the_smallest_input(tmp_path: Path) -> None:
    def breaks(text: str) -> int:
        if "7" in text:
            raise ValueError(text)
        return len(text)

    target = Target("made up", st.text("abc789"), breaks)
    tally = fuzz.fuzz(target, seconds=None, examples=200)
    assert list(tally.crashes.values()) == ["7"]
    [path] = fuzz.keep(tally, tmp_path)
    assert fuzz.unpacked(json.loads(path.read_text())["input"]) == "7"
    assert fuzz.unpacked(fuzz.packed(("a.txt", b"\xff"))) == ("a.txt", b"\xff")


# Time


@pytest.mark.parametrize("name", fuzz_linear.STEPS)
def test_time_grows_as_the_worst_lines_do(name: str) -> None:
    step = fuzz_linear.STEPS[name]
    found = [fuzz_linear.growth(name, step, unit, short=2_000, long=8_000) for unit in fuzz_linear.UNITS[::9]]
    assert [each for each in found if not each.linear] == []


def test_a_step_that_is_not_linear_is_told() -> None:
    def quadratic(line: str) -> int:
        return sum(line.count(character) for character in line)

    assert not fuzz_linear.growth("made up", quadratic, "a", short=4_000, long=16_000).linear


def test_the_regular_expressions_of_the_package_are_found_wherever_they_are_kept() -> None:
    found = fuzz_linear.patterns()
    assert len(found) > 100
    assert {name.split("/")[0] for name in found} >= {"text._TERMINATOR", "lines._STOP", "files._ADDRESS"}


@pytest.mark.slow
def test_each_regular_expression_is_linear_on_the_worst_lines() -> None:
    """In a process of its own: other tests have expressions made for texts that their callers cut short."""
    told = "from eval.fuzz_linear import slow_patterns; print(list(slow_patterns()))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("source", [r"\s*x", r"[A-Z]\w+ [A-Z]"])
def test_a_regular_expression_that_backtracks_is_told_and_given_up(source: str) -> None:
    assert [each.name for each in fuzz_linear.slow_patterns({"made up": re.compile(source)})] == ["made up"]


def test_what_takes_too_long_is_given_up_and_told() -> None:
    found = fuzz_linear.Doubled("made up", "a", 1.0, None)
    assert not found.linear
    assert "over 300 s" in str(found)
    with pytest.raises(fuzz_linear.TooLong), fuzz_linear.given_up_after(0.05):
        fuzz_linear.taken(lambda line: [line.count("a") for _ in range(10**9)], "a")


@pytest.mark.parametrize("unit", ["A", "A'"])
def test_one_word_of_100_000_letters_is_read_for_events_in_time(unit: str) -> None:
    started = time.process_time()
    fuzz_linear.STEPS["events"](fuzz_linear.line_of(unit, 100_000))
    assert time.process_time() - started < 5


def test_a_quote_with_endless_gaps_is_looked_for_in_time() -> None:
    started = time.process_time()
    locate("a" + " " * 50_000 + "b", BODY)
    assert time.process_time() - started < 2


# Bombs


def test_a_gzip_bomb_of_one_article_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"a" * 50_000_000, 9))
    assert "holds more than 5 MB" in reasons(tmp_path)[0]


@pytest.mark.parametrize("line", [b"a" * 10_000_000 + b"\n", (b" " * 100_000 + b"\n") * 10])
def test_a_gzip_bomb_of_many_lines_is_left_as_soon_as_it_shows(tmp_path: Path, line: bytes) -> None:
    with gzip.open(tmp_path / "a.jsonl.gz", "wb", compresslevel=6) as packed:
        packed.write(json.dumps({"text": BODY}).encode() + b"\n")
        for _ in range(max(1, 80_000_000 // len(line))):
            packed.write(line)
    found = read(tmp_path)
    assert isinstance(found[0], Raw)
    assert any("unpacks to more than 100 times its size" in why for why in reasons(tmp_path))


def test_archives_and_gzip_within_gzip_are_never_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(gzip.compress(BODY.encode())))
    (tmp_path / "b.txt").write_bytes(b"PK\x03\x04" + BODY.encode())
    (tmp_path / "c.warc").write_bytes(b"WARC/1.0\r\nContent-Length: 99999999999\r\n\r\n")
    (tmp_path / "d.rss").write_text("<rss>" + "<item><title>a</title></item>" * 1000)
    told = " ".join(reasons(tmp_path))
    assert "a gzip file within" in told
    assert "a ZIP archive" in told
    assert told.count("is not a kind this reads") == 2


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>',
    ],
)
def test_entities_of_a_page_are_neither_expanded_nor_fetched(tmp_path: Path, head: str) -> None:
    (tmp_path / "a.html").write_text(f"{head}<html><body><p>&l9; {BODY}</p></body></html>")
    [raw] = read(tmp_path)
    assert isinstance(raw, Raw)
    assert len(raw.text) < 10_000
    assert "haha" not in raw.text
    assert Path("/etc/hostname").read_text().strip() not in raw.text.split("Ngoại")[0]


DEEP = 100_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", "<div>" * DEEP + f"<p>{BODY}</p>" + "</div>" * DEEP),
        ("a.html", "<table><tr><td>" * DEEP + BODY),
        ("a.jsonl", "[" * DEEP + "]" * DEEP),
        ("a.jsonl", '{"text":' * DEEP + '"a"' + "}" * DEEP),
        ("a.md", "> " * DEEP + BODY),
    ],
    ids=("div", "table", "list", "object", "quote"),
)
def test_100_000_levels_are_read_or_refused_with_the_reason(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    started = time.process_time()
    [found] = read(tmp_path)
    assert time.process_time() - started < 20
    assert BODY.split("\n")[0][:40] in found.text if isinstance(found, Raw) else found.reason


def test_a_reply_of_100_000_levels_is_no_reply() -> None:
    for mark in ("[", '{"a":', '{"claims":['):
        reader = Reader("claims")
        reader.feed(mark * DEEP)
        reader.feed("]}" * DEEP)
        assert reader.found == []


# Paths


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside, inside = tmp_path / "secret", tmp_path / "crawl"
    outside.mkdir()
    inside.mkdir()
    (outside / "a.txt").write_text(BODY)
    (inside / "file.txt").symlink_to(outside / "a.txt")
    (inside / "folder").symlink_to(outside)
    (inside / "up").symlink_to("../secret/../secret")
    (inside / "b.txt").write_text(BODY)
    (inside / "fine.txt").symlink_to(inside / "b.txt")
    found = read(inside)
    assert {Path(each.path).name for each in found if isinstance(each, Raw)} == {"b.txt"}
    assert reasons(inside) == ["is a link that leads out of its folder; name what it leads to, to have that read"] * 3
    assert not any(isinstance(each, Raw) for each in read(inside / "*" / "a.txt"))


def test_a_link_that_was_named_itself_is_followed(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text(BODY)
    (tmp_path / "link").symlink_to(tmp_path / "news")
    (tmp_path / "b.txt").symlink_to(tmp_path / "news" / "a.txt")
    for named in ("link", "b.txt"):
        assert [type(each) for each in read(tmp_path / named)] == [Raw]


@pytest.mark.parametrize("name", ["../../a.txt", "/etc/passwd", "..\\..\\a.html", "a/../../b.txt", "..", "a\0.txt"])
def test_the_name_of_an_upload_leads_nowhere(tmp_path: Path, name: str) -> None:
    sent = tmp_path / "sent"
    sent.write_text(BODY)
    kept = uploads.keep(tmp_path / "store", uploads.Upload(sent, name))
    assert os.path.realpath(kept.parent) == os.path.realpath(tmp_path / "store" / "uploads")


# Letters that hide, turn the line around, or look like others


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u202e", "\U000e0041"])
def test_a_hidden_letter_neither_cuts_a_name_nor_makes_another(hidden: str) -> None:
    text = f"Foreign Minister Sergei Lav{hidden}rov met Wang Yi."
    found = find(text, lang="en")
    assert [name.text for name in found] == [f"Sergei Lav{hidden}rov", "Wang Yi"]
    assert all(text[name.start : name.end] == name.text for name in found)
    assert same(f"Sergei Lav{hidden}rov", "Sergei Lavrov").match


@pytest.mark.parametrize("other", ["Sergei L\u0430vrov", "S\u0435rgei Lavrov", "Sergei Lavr\u03bfv"])
def test_a_name_with_letters_of_two_alphabets_is_silently_nobody_else(other: str) -> None:
    assert not same(other, "Sergei Lavrov").match
    assert not same("Сергей Лавров", other).match
    assert same(other, other).match
    index = NameIndex([("Sergei Lavrov", "person", "a"), (other, "person", "b")])
    assert index.match("Sergei Lavrov") == ("Sergei Lavrov",)
    assert index.match(other) == (other,)


def test_names_of_one_alphabet_each_are_still_the_same() -> None:
    assert same("Сергей Лавров", "Sergei Lavrov").match
    assert same("ＬＡＶＲＯＶ", "Lavrov").match, "full-width letters are the same letters"


@pytest.mark.parametrize("shown", [plain, escaped])
def test_what_is_shown_neither_turns_a_line_around_nor_steers_a_terminal(shown: Callable[[str], str]) -> None:
    steering = [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\x1b", "\x07", "\x08", "\x9b"]
    for mark in steering:
        assert mark not in shown(f"paid{mark}dollars 100{mark}")


def test_cleaning_keeps_hidden_letters_so_that_quotes_stay_verbatim() -> None:
    said = "Hai bên trao đổi về hợp tác thương mại và nhất trí tổ chức vòng đối thoại tiếp theo trong tháng tới."
    text = BODY.split("\n")[0].replace("Jakarta", "Ja\u200bkar\u202eta") + "\n" + said
    article = clean(Raw(text=text, path="a.txt", sha256="0"))
    assert "Ja\u200bkar\u202eta" in article.text
    assert article_of(article.text).text == article.text
