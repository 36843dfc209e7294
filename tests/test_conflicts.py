"""Where articles differ on a figure, a day or a speaker, and where they only look as if they did."""

import numpy as np

from rag.answer import Candidate
from rag.cite import quoted
from rag.conflicts import conflicts
from rag.domain import Article, Chunk, Conflict, Hit, Source
from rag.search import Floats
from rag.text import sentences

VIETNAMESE = """Ngày 10/6, tại Busan, Bộ trưởng Công nghiệp Việt Nam Trần Đức Hòa và Bộ trưởng Thương mại Hàn Quốc \
Park Jin-ho đã ký Bản ghi nhớ về tái chế pin xe điện.
Hai bên sẽ xây dựng một nhà máy tái chế pin tại Hải Phòng với tổng vốn đầu tư 320 triệu USD.
Ông Park Jin-ho cho biết nhà máy sẽ mở cửa cho sinh viên."""
ENGLISH = """South Korean Trade Minister Park Jin-ho and Vietnamese Industry Minister Tran Duc Hoa signed a memorandum \
in Busan on June 11.
They will build a battery recycling plant in Hai Phong with an investment of $300 million.
Tran Duc Hoa said the plant would be open to students."""
ELSEWHERE = """French Culture Minister Elise Fournier opened a school in Hue on June 12.
France will build a battery recycling plant in Hue with an investment of $310 million."""
LATER = """South Korean Trade Minister Park Jin-ho and Vietnamese Industry Minister Tran Duc Hoa met on October 3.
They will build a battery recycling plant in Hai Phong with an investment of $450 million."""


def sentences_of(name: str, lang: str, text: str) -> list[Candidate]:
    """The sentences as search ranks them; those of the same place in their articles tell the same thing."""
    article = Article(Source(name, f"{name}.txt", "", lang=lang), text)
    found = []
    for place, (start, end) in enumerate(sentences(text)):
        hit = Hit(Chunk(name, start, end, text[start:end]), article.source, 1.0)
        found.append(Candidate(article, start, end, hit, np.eye(4, dtype=np.float32)[place]))
    return found


def differing(*articles: list[Candidate], cited: int = 1) -> tuple[Conflict, ...]:
    """The conflicts where the answer cites the first article's sentence of that place."""
    ranked = [candidate for article in articles for candidate in article]
    statement = quoted(ranked[cited].article, ranked[cited].start, ranked[cited].end)
    return conflicts([statement], ranked, centre=middle, embedder=None)  # type: ignore[arg-type]


def middle(lang: str) -> Floats:
    return np.zeros(4, dtype=np.float32)


VI = sentences_of("vi", "vi", VIETNAMESE)
EN = sentences_of("en", "en", ENGLISH)


def test_two_outlets_give_another_figure() -> None:
    (found,) = differing(VI, EN)
    assert (found.field, [value for value, _ in found.values]) == ("figure", ["320 triệu USD", "$300 million"])
    for _, citation in found.values:
        text = {"vi": VIETNAMESE, "en": ENGLISH}[citation.source.id]
        assert citation.quote == text[citation.start : citation.end]


def test_two_outlets_give_another_day() -> None:
    (found,) = differing(VI, EN, cited=0)
    assert (found.field, [value for value, _ in found.values]) == ("date", ["Ngày 10/6", "June 11"])


def test_two_outlets_give_the_words_to_another_speaker() -> None:
    (found,) = differing(VI, EN, cited=2)
    assert (found.field, [value for value, _ in found.values]) == ("speaker", ["Park Jin-ho", "Tran Duc Hoa"])


def test_another_deal_is_no_conflict() -> None:
    assert differing(VI, sentences_of("fr", "en", ELSEWHERE)) == ()


def test_a_later_meeting_of_the_same_two_is_no_conflict() -> None:
    assert differing(VI, sentences_of("later", "en", LATER)) == ()


def test_the_same_figure_in_other_words_is_no_conflict() -> None:
    assert differing(VI, sentences_of("same", "en", ENGLISH.replace("$300 million", "US$0.32 billion"))) == ()
    assert differing(VI, sentences_of("near", "en", ENGLISH.replace("$300 million", "nearly $321 million"))) == ()


def test_another_unit_is_no_conflict() -> None:
    assert differing(VI, sentences_of("yuan", "en", ENGLISH.replace("$300 million", "300 million yuan"))) == ()


def test_a_figure_that_the_other_article_also_gives_is_no_conflict() -> None:
    both = ENGLISH + "\nThe ministry first spoke of $320 million."
    assert differing(VI, sentences_of("both", "en", both)) == ()


def test_one_article_does_not_contradict_itself() -> None:
    twice = sentences_of("twice", "en", ENGLISH) + sentences_of("twice", "en", ENGLISH.replace("300", "310"))
    assert differing(twice) == ()


def test_sentences_without_stored_vectors_are_embedded() -> None:
    class Fixed:
        def passages(self, texts: list[str]) -> Floats:
            return np.tile(np.eye(4, dtype=np.float32)[1], (len(texts), 1))

    bare = [Candidate(each.article, each.start, each.end, each.hit, None) for each in EN]
    statement = quoted(VI[1].article, VI[1].start, VI[1].end)
    found = conflicts([statement], [*VI, *bare], centre=middle, embedder=Fixed())  # type: ignore[arg-type]
    assert [conflict.field for conflict in found] == ["figure"]
