"""Conversations: kept turn by turn, each owner's apart, shared by whoever is given the id."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from rag import asking, conversations, turns
from rag.cite import cite
from rag.conversations import FILE, Conversations, Turn
from rag.desk import Desk, open_desk
from rag.domain import Answer, Article, NameMatch, Source, Statement
from rag.errors import InputError, StoreError
from rag.limits import Filters

ARTICLE = Article(Source("a1", "vna.txt", "0", lang="vi"), "Ông Lavrov gặp ông Vương Nghị tại Jakarta.")
MET = Statement("Ông Lavrov gặp ông Vương Nghị", "vi", (cite(ARTICLE, 0, 29),), "quoted")
LAN, MINH = "Lan", "Minh"


def answered(question: str = "Ai gặp ông Vương Nghị?") -> Turn:
    return Turn(question, Answer(question, "vi", (MET,)), Filters(since="2023-07", names=("Lavrov",)))


def read(kept: Conversations, name: str) -> tuple[Turn, ...]:
    return kept.turns(name, article={"a1": ARTICLE}.__getitem__)


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path)


def test_turns_are_read_as_they_were_saved(kept: Conversations) -> None:
    name = kept.save(LAN, None, answered())
    assert kept.save(LAN, name, Turn("tóm tắt ngày 4/2")) == name
    assert read(kept, name) == (answered(), Turn("tóm tắt ngày 4/2"))


def test_nothing_is_made_before_the_first_save(tmp_path: Path) -> None:
    kept = Conversations(tmp_path / "store")
    assert kept.list(LAN) == ()
    assert not kept.delete(LAN, "x")
    assert not kept.owns(LAN, "x")
    with pytest.raises(InputError, match="no such conversation"):
        read(kept, "x")
    assert not (tmp_path / "store").exists()


def test_the_list_is_newest_first_under_the_first_questions(kept: Conversations) -> None:
    first, second, third = (kept.save(LAN, None, Turn(f"câu hỏi {each}")) for each in "ABC")
    kept.save(LAN, first, Turn("và sau đó?"))
    assert [(each.id, each.title, each.turns) for each in kept.list(LAN)] == [
        (first, "câu hỏi A", 2),
        (third, "câu hỏi C", 1),
        (second, "câu hỏi B", 1),
    ]
    assert [each.id for each in kept.list(LAN, limit=1, offset=1)] == [third]
    assert kept.list(LAN, limit=-1) == ()


def test_a_long_title_is_cut_and_stands_on_one_line(kept: Conversations) -> None:
    kept.save(LAN, None, Turn("Ngoại trưởng\nViệt Nam " * 50))
    (saved,) = kept.list(LAN)
    assert saved.title.startswith("Ngoại trưởng Việt Nam Ngoại")
    assert saved.title.endswith("…")
    assert len(saved.title) <= 80


def test_one_owner_cannot_list_change_or_delete_what_is_anothers(kept: Conversations) -> None:
    name = kept.save(LAN, None, answered())
    assert kept.list(MINH) == ()
    assert kept.owns(LAN, name)
    assert not kept.owns(MINH, name)
    assert not kept.delete(MINH, name)
    with pytest.raises(InputError, match="another's"):
        kept.save(MINH, name, Turn("và sau đó?"))
    with pytest.raises(InputError, match="another's"):
        kept.replace_from(MINH, name, 0)
    assert read(kept, name) == (answered(),)


def test_a_reader_of_a_link_goes_on_in_a_copy(kept: Conversations) -> None:
    name = kept.save(LAN, None, answered())
    mine = kept.copy(MINH, name)
    kept.save(MINH, mine, Turn("và sau đó?"))
    assert read(kept, mine) == (answered(), Turn("và sau đó?"))
    assert read(kept, name) == (answered(),)
    assert [each.id for each in kept.list(MINH)] == [mine]
    with pytest.raises(InputError, match="no such conversation"):
        kept.copy(MINH, "gone")


def test_an_edited_question_takes_the_place_of_it_and_what_followed(kept: Conversations) -> None:
    name = kept.save(LAN, None, Turn("một"))
    for each in ("hai", "ba"):
        kept.save(LAN, name, Turn(each))
    kept.replace_from(LAN, name, 1)
    kept.save(LAN, name, Turn("hai?"))
    assert [turn.question for turn in read(kept, name)] == ["một", "hai?"]
    kept.replace_from(LAN, name, 0)
    assert kept.list(LAN) == ()
    assert read(kept, name) == ()
    kept.save(LAN, name, Turn("bắt đầu lại"))
    assert [each.title for each in kept.list(LAN)] == ["bắt đầu lại"]


def test_what_is_deleted_is_gone_for_everybody_and_from_the_file(kept: Conversations) -> None:
    name = kept.save(LAN, None, Turn("một bí mật ngoại giao"))
    assert kept.delete(LAN, name)
    with pytest.raises(InputError, match="no such conversation"):
        read(kept, name)
    assert not kept.delete(LAN, name)
    assert "bí mật".encode() not in kept.file.read_bytes()


def test_ids_are_long_and_owners_are_not_told_by_the_file(kept: Conversations) -> None:
    names = {kept.save("cookie-của-Lan", None, Turn("ai?")) for _ in range(5)}
    assert len(names) == 5
    assert min(map(len, names)) >= 22
    stored = b"".join(file.read_bytes() for file in kept.file.parent.iterdir())
    assert "cookie-của-Lan".encode() not in stored


def test_an_owner_has_so_many_conversations_and_the_oldest_go(
    kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "CONVERSATIONS_MOST", 3)
    others = kept.save(MINH, None, Turn("của Minh"))
    first, *_ = [kept.save(LAN, None, Turn(each)) for each in "abc"]
    kept.save(LAN, first, Turn("và sau đó?"))
    kept.save(LAN, None, Turn("d"))
    assert [each.title for each in kept.list(LAN)] == ["d", "a", "c"]
    assert [each.id for each in kept.list(MINH)] == [others]
    assert read(kept, kept.copy(LAN, kept.list(LAN)[-1].id)) == (Turn("c"),)


def test_a_conversation_and_its_questions_have_their_bounds(
    kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "TURNS_MOST", 2)
    name = kept.save(LAN, None, Turn("một"))
    kept.save(LAN, name, Turn("x" * asking.QUESTION_MOST))
    with pytest.raises(InputError, match="begin a new one"):
        kept.save(LAN, name, Turn("ba"))
    for question in ("", " \n", "x" * (asking.QUESTION_MOST + 1)):
        with pytest.raises(InputError, match="a question of 1 to 2000 characters"):
            kept.save(LAN, None, Turn(question))
    kept.replace_from(LAN, name, 10**30)
    assert len(read(kept, name)) == 2


def test_of_a_very_large_answer_the_lists_of_articles_go_first_and_then_the_answer(
    kept: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "ANSWER_MOST", 1_000)
    everywhere = NameMatch("Việt Nam", "place", ("Việt Nam",), tuple(map(str, range(1_000))))
    name = kept.save(LAN, None, Turn("ai?", Answer("ai?", "vi", (MET,), names=(everywhere,))))
    kept.save(LAN, name, Turn("ai?", Answer("ai?", "vi", (MET,) * 100)))
    named, large = read(kept, name)
    assert named.answer is not None
    assert named.answer.names == (NameMatch("Việt Nam", "place", ("Việt Nam",)),)
    assert large == Turn("ai?")


@pytest.mark.parametrize(
    "question", ["<script>alert(1)</script>", "a\x00b", "ảnh \ud83d nửa", "'; DROP TABLE turns; --"]
)
def test_hostile_text_is_kept_as_it_is(kept: Conversations, question: str) -> None:
    name = kept.save(question, None, Turn(question))
    assert read(kept, name) == (Turn(question),)
    assert len(kept.list(question)) == 1
    with pytest.raises(InputError):
        read(kept, question)


def test_twenty_threads_save_at_once(kept: Conversations) -> None:
    def ask(number: int) -> str:
        name = kept.save(f"owner {number % 5}", None, answered())
        for turn in range(4):
            kept.save(f"owner {number % 5}", name, Turn(f"{number}: {turn}"))
        return name

    with ThreadPoolExecutor(20) as pool:
        names = list(pool.map(ask, range(20)))
    for number, name in enumerate(names):
        assert [each.question for each in read(kept, name)[1:]] == [f"{number}: {turn}" for turn in range(4)]
    assert [len(kept.list(f"owner {each}")) for each in range(5)] == [4] * 5


def test_processes_begin_the_file_at_once_and_save_into_it(kept: Conversations) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.conversations import Conversations, Turn\n"
        "kept = Conversations(Path(sys.argv[1]))\n"
        "name = kept.save('Lan', None, Turn('một'))\n"
        "for _ in range(20): kept.save('Lan', name, Turn('nữa'))"
    )
    command = [sys.executable, "-c", code, str(kept.file.parent)]
    started = [subprocess.Popen(command) for _ in range(2)]
    assert [each.wait(60) for each in started] == [0, 0]
    assert [each.turns for each in kept.list(LAN)] == [21, 21]


def test_a_folder_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "store"):
        with pytest.raises(StoreError, match="so no conversation is kept") as raised:
            Conversations(folder).save(LAN, None, Turn("ai?"))
        assert FILE in str(raised.value)
        assert "\n" not in str(raised.value)


def test_a_full_or_protected_file_is_told_as_such(kept: Conversations) -> None:
    name = kept.save(LAN, None, Turn("một"))
    with closing(sqlite3.connect(kept.file)) as db:
        db.execute("CREATE TRIGGER full BEFORE INSERT ON turns BEGIN SELECT RAISE(ABORT, 'full'); END")
        db.commit()
    with pytest.raises(StoreError, match="full"):
        kept.save(LAN, name, Turn("hai"))
    assert read(kept, name) == (Turn("một"),)


@pytest.mark.parametrize(("spoil", "told"), [("garbage", "is damaged"), ("version", "has version 7")])
def test_a_file_that_is_not_ours_is_left_alone(kept: Conversations, spoil: str, told: str) -> None:
    kept.save(LAN, None, Turn("một"))
    if spoil == "garbage":
        kept.file.write_bytes(b"not a database, " * 100)
    else:
        with closing(sqlite3.connect(kept.file)) as db:
            db.execute("PRAGMA user_version = 7")
    before = kept.file.read_bytes()
    acts: list[Callable[[], object]] = [lambda: kept.list(LAN), lambda: kept.save(LAN, None, Turn("hai"))]
    for act in acts:
        with pytest.raises(StoreError, match=told):
            act()
    assert kept.file.read_bytes() == before


def test_a_conversation_outlives_an_article_that_it_cited(desk: Desk, tmp_path: Path) -> None:
    own = open_desk(store=tmp_path / "store")
    answers = [desk.ask("Ngoại trưởng Nga và Trung Quốc đã bàn những gì?"), desk.ask("who is Angela Merkel?")]
    cited = sorted({each.source.path for statement in answers[0].statements for each in statement.citations})
    own.ingest(cited[:1])
    name = own.conversations.save(LAN, None, Turn(answers[0].question, answers[0]))
    own.conversations.save(LAN, name, Turn(answers[1].question, answers[1]))
    remembered, refusal = [turn.answer for turn in own.remembered(name)]
    own.close()
    assert remembered is not None
    assert {each.source.path for one in remembered.statements for each in one.citations} == set(cited[:1])
    assert len(remembered.rejected) > len(answers[0].rejected)
    assert refusal == answers[1]


def test_refusals_and_requests_are_remembered_without_a_store(tmp_path: Path) -> None:
    own = open_desk(store=tmp_path / "store")
    refusal = Turn("ai?", Answer("ai?", "vi", reason="no article mentions Ai"))
    name = own.conversations.save(LAN, None, refusal)
    own.conversations.save(LAN, name, Turn("tóm tắt ngày 4/2"))
    assert own.remembered(name) == (refusal, Turn("tóm tắt ngày 4/2"))
    with pytest.raises(StoreError, match="no store"):
        own.articles()
