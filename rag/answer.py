"""Answers without a language model: the articles' own sentences, cited, or a refusal that says why."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import numpy as np

from rag import names as bridge
from rag import places
from rag.asked_places import asks_town, names_town
from rag.asked_times import Told, of_another_time
from rag.cite import quoted
from rag.domain import Answer, Article, DateFilter, Hit, NameMatch, Statement
from rag.measures import Expected, asked_for, called, states
from rag.orders import orders
from rag.search import LEXICAL_USUAL, Asked, Floats
from rag.split import sentence_spans
from rag.text import fold, language, nfc, stopwords, words
from rag.untold import untold

if TYPE_CHECKING:
    from rag.embed import Embedder

MOST = 5
# Which sentence answers best: fitted on pairs of a gold sentence and another one (logistic regression) over the
# development questions of eval/data, with and without English documents around the seeds. Across languages only
# concepts and names are left to share.
RANKING = {"dense": 0.26, "bare": 0.6, "passage": 0.44, "words": 0.11, "covered": 0.12}
RANKING_ACROSS = RANKING | {"words": 0.38, "covered": 0.18}
CUE_WEIGHT = 0.04
MARGIN = 0.1  # a sentence this far below the best one is no answer
# Whether any does, where the question has no name to hold on to: without a sentence over the floor nothing bears on it.
# Words shared within one language lift every score. The floors are calibrated on eval/data.
BEARING = {"dense": 0.1, "bare": 0.6, "hit": 0.4, "words": 0.06}
BEARING_ACROSS = BEARING | {"words": 0.15}
LEAST_BEARING, LEAST_BEARING_ACROSS = 0.06, 0.0575
_REACH = 2  # a sentence that answers is lifted: where neither of the best two states what is asked for, none does
_NEAREST = 5  # sentences, one of which must speak of what is asked for
# Many sentences state a date: one that answers "when" must itself be near. The weakest in eval/data that does has .114.
LEAST_DATED = 0.08
_BEFORE = 400  # characters before a sentence that may say of when it is
_SENTENCE_MOST = 1_000
_QUESTION_WORDS = tuple(
    f" {word} " for word in "what which who whom when where why how gi nao ai dau sao may bao".split()
)


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the articles can answer at all: why not, or the ids of those that hold every name."""

    reason: str | None = None
    articles: frozenset[str] | None = None


_REASONS = {
    "en": {
        "missing": "no article mentions {}",
        "apart": "no single article mentions {} together",
        "bearing": "nothing in the articles bears on the question",
        "unstated": "the articles speak of this but state no {}",
        "untold": "the articles speak of this but say nothing of “{}”",
        "elsewhen": "the articles speak of this at other times and not of “{}”",
        "unanswered": "the language model found no answer in the nearest passages",
        "unconfirmed": "nothing that the language model wrote could be confirmed in the articles",
        "or": "or",
        "and": "and",
    },
    "vi": {
        "missing": "không bài nào nhắc đến {}",
        "apart": "không bài nào nhắc đến cả {}",
        "bearing": "không có nội dung nào trong các bài liên quan đến câu hỏi",
        "unstated": "các bài có nói về việc này nhưng không nêu {}",
        "untold": "các bài có nói về việc này nhưng không nói gì về “{}”",
        "elsewhen": "các bài nói về việc này vào thời gian khác chứ không phải “{}”",
        "unanswered": "mô hình ngôn ngữ không tìm thấy câu trả lời trong các đoạn gần nhất",
        "unconfirmed": "không điều gì mô hình ngôn ngữ viết ra được xác nhận trong các bài",
        "or": "hoặc",
        "and": "và",
    },
}


def gate(names: Sequence[NameMatch], *, lang: str) -> Gate:
    """What the question's names allow, before anything is read; the reason in `lang` (vi, else English).

    A refusal where no article mentions a person or place, or none mentions them all. Each language has its own
    names for organisations: without an article one counts where its names in all of them are known, and with
    others where it is a single word. A part of the world counts only where no article mentions it.
    """
    missing = [name.query for name in names if not name.articles and _known_everywhere(name)]
    if missing:
        return Gate(_reason("missing", lang, missing, "or"))
    counted = [name for name in names if name.articles and _same_everywhere(name) and not bridge.is_region(name.query)]
    if not counted:
        return Gate()
    together = frozenset.intersection(*(frozenset(name.articles) for name in counted))
    if not together:
        return Gate(_reason("apart", lang, [name.query for name in counted], "and"))
    return Gate(articles=together)


def _known_everywhere(name: NameMatch) -> bool:
    return name.kind != "organisation" or bridge.organisation_everywhere(name.query)


def _same_everywhere(name: NameMatch) -> bool:
    return name.kind != "organisation" or not (" " in name.query or name.query.isupper())


def refusal(kind: Literal["unanswered", "unconfirmed"], lang: str) -> str:
    """Why a language model's reply is no answer, in `lang` (vi, else English)."""
    return _reason(kind, lang)


def refuse(question: str, lang: str, names: Sequence[NameMatch], reason: str) -> Answer:
    """The answer that the articles do not say."""
    return Answer(question, lang, names=tuple(names), reason=reason)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit, `article.text[start:end]`: how far it bears on the question and how well it answers."""

    article: Article
    start: int
    end: int
    hit: Hit
    vector: Floats | None
    bearing: float = 0.0
    score: float = 0.0

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]


def rank(
    asked: Asked,
    hits: Sequence[Hit],
    *,
    article: Callable[[str], Article],
    vectors: Callable[[Sequence[str]], Mapping[str, Floats]],
    embedder: Embedder,
) -> tuple[Candidate, ...]:
    """The hits' sentences, best answer first; those that give orders to a program are left out.

    `vectors` gives the stored vectors of passages' sentences; those it does not have are embedded.
    """
    articles = {hit.chunk.article: article(hit.chunk.article) for hit in hits}
    candidates = _candidates(hits, articles, vectors([hit.chunk.id for hit in hits]))
    return tuple(_scored(asked, candidates, _embedded(candidates, embedder)))


def extract(
    asked: Asked, scored: Sequence[Candidate], *, lang: str, dates: Sequence[DateFilter] = (), most: int = MOST
) -> Answer:
    """The ranked sentences that answer, best first, at most `most`, each citing itself.

    `lang` is that of a refusal's words: where there is no sentence, nothing in them bears on the question, none near
    the best one states the kind of thing that is asked for, none of the nearest names a town where one is asked for,
    they tell of another time than that of `dates` (`rag.asked_times`), or none speaks of the thing (`rag.untold`) and
    its very word is in none that was found.
    """
    if not scored or not (asked.names or any(_bears(asked, candidate) for candidate in scored)):
        return refuse(asked.question, lang, asked.names, _reason("bearing", lang))
    expected = asked_for(asked.question, lang=asked.lang)
    if expected and not _stated(expected, scored):
        kinds = [called(one.kind, lang=lang) for one in expected]
        return refuse(asked.question, lang, asked.names, _reason("unstated", lang, kinds, "or"))
    nearest = [(each.text, _spoken(each)) for each in scored[:_NEAREST]]
    if asks_town(asked.question) and not names_town(nearest, asked.question):
        return refuse(asked.question, lang, asked.names, _reason("unstated", lang, [called("town", lang=lang)]))
    if time := of_another_time(dates, list(map(_told, scored[:_NEAREST]))):
        return refuse(asked.question, lang, asked.names, _reason("elsewhen", lang, [time]))
    words_for = untold(asked.question, nearest, lang=asked.lang, names=[name.query for name in asked.names])
    if words_for and not any(nfc(words_for).lower() in each.text.lower() for each in scored):
        return refuse(asked.question, lang, asked.names, _reason("untold", lang, [words_for]))
    chosen: list[Statement] = []
    for candidate in scored:
        statement = quoted(candidate.article, candidate.start, candidate.end)
        if candidate.score < scored[0].score - MARGIN or len(chosen) == most:
            break
        if all(fold(statement.text) != fold(other.text) for other in chosen):
            chosen.append(statement)
    return Answer(asked.question, lang, tuple(chosen), names=asked.names)


def _candidates(hits: Sequence[Hit], articles: Mapping[str, Article], stored: Mapping[str, Floats]) -> list[Candidate]:
    """The hits' sentences, each once, with their stored vectors where the passage still has as many sentences."""
    found: dict[tuple[str, int], Candidate] = {}
    for hit in hits:
        article, spans = articles[hit.chunk.article], sentence_spans(hit.chunk)
        rows = stored.get(hit.chunk.id, ())
        vectors = rows if len(rows) == len(spans) else [None] * len(spans)
        steered = orders([article.text[start:end] for start, end in spans])
        for (start, end), vector, order in zip(spans, vectors, steered, strict=True):
            if end - start <= _SENTENCE_MOST and not order:
                found.setdefault((article.id, start), Candidate(article, start, end, hit, vector))
    return list(found.values())


def _embedded(candidates: Sequence[Candidate], embedder: Embedder) -> list[Floats]:
    """The candidates' vectors (dimension,); those that are not stored are made."""
    lacking = [candidate for candidate in candidates if candidate.vector is None]
    fresh = iter(embedder.passages([candidate.text.strip() for candidate in lacking]) if lacking else ())
    return [next(fresh) if candidate.vector is None else candidate.vector for candidate in candidates]


def _scored(asked: Asked, candidates: Sequence[Candidate], vectors: Sequence[Floats]) -> list[Candidate]:
    """The candidates with their scores, best first."""
    wanted, expected = _cues(asked.question), asked_for(asked.question, lang=asked.lang)
    scored = []
    for vector, candidate in zip(vectors, candidates, strict=True):
        lang = _language(asked, candidate)
        same, channels = lang == asked.lang, candidate.hit.channels
        signals = {
            "dense": float(asked.similarity(lang, vector[np.newaxis])[0]),
            "bare": float(asked.bare[lang].similarity(vector[np.newaxis])[0]),
            "passage": channels["passage"],
            "hit": candidate.hit.score,
            "words": asked.bearing(lang, candidate.text),
            "covered": channels["lexical"] - (LEXICAL_USUAL if same else 0.0),
        }
        bearing = _weighed(signals, BEARING if same else BEARING_ACROSS)
        score = _weighed(signals, RANKING if same else RANKING_ACROSS)
        held = sum(any(name.kind == kind for name in bridge.find(candidate.text, lang=lang)) for kind in wanted)
        held += sum(_states(one, candidate) for one in expected)
        scored.append(replace(candidate, bearing=bearing, score=score + CUE_WEIGHT * held))
    return sorted(scored, key=lambda candidate: (-candidate.score, candidate.article.id, candidate.start))


def unstated(question: str, statement: str, *, lang: str) -> tuple[str, ...]:
    """The kinds of things that the question asks for and the statement does not name, in words; () where none is.

    A person or place counts where the question does not name it itself.
    """
    asked = _plain(question)
    expected = asked_for(question, lang=language(question))
    lacking = [called(one.kind, lang=lang) for one in expected if not states(one, statement, lang=lang)]
    found = bridge.find(statement, lang=lang)
    known = {bridge.country(name.text) for name in bridge.find(question, lang=language(question))} - {None}
    for kind in _cues(question):
        told = [
            name.text
            for name in found
            if name.kind == kind and _plain(name.text) not in asked and not bridge.is_adjective(name.text)
        ]
        if not any(bridge.country(text) not in known or not _is_country(text) for text in told):
            lacking.append(kind)
    if not lacking and any(word in asked for word in _QUESTION_WORDS) and not _says_more(asked, statement, lang):
        lacking.append("more than the question")
    return tuple(lacking)


def _is_country(spelling: str) -> bool:
    return any(places.entities()[number].kind == "country" for number in places.lookup(spelling))


def uncited(question: str, quotes: Sequence[tuple[str, str]], *, lang: str) -> tuple[str, ...]:
    """The kinds of figures and dates that the question asks for and none of the quotes (text, language) states."""
    expected = asked_for(question, lang=language(question))
    return tuple(
        called(one.kind, lang=lang)
        for one in expected
        if not any(states(one, text, lang=spoken or language(text)) for text, spoken in quotes)
    )


def _says_more(asked: str, statement: str, lang: str) -> bool:
    """Whether the statement has a word of content that the question, in the same language, has not."""
    told = [word for word in _plain(statement).split() if word not in stopwords(lang)]
    return language(asked) != lang or any(f" {word} " not in asked for word in told)


def _weighed(signals: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return sum(weight * signals[name] for name, weight in weights.items())


def _bears(asked: Asked, candidate: Candidate) -> bool:
    same = _language(asked, candidate) == asked.lang
    return candidate.bearing >= (LEAST_BEARING if same else LEAST_BEARING_ACROSS)


def _language(asked: Asked, candidate: Candidate) -> str:
    lang = candidate.article.source.lang or ""
    return lang if lang in asked.wordings else next(iter(asked.wordings))


@cache
def _cue_words() -> dict[str, tuple[re.Pattern[str], ...]]:
    data = tomllib.loads((files("rag") / "data" / "cues.toml").read_text(encoding="utf-8"))
    return {kind: tuple(map(_cue, phrases)) for kind, phrases in data.items()}


def _cue(phrase: str) -> re.Pattern[str]:
    """The phrase as whole words; `*` stands for one or two words or none."""
    words_of = [re.escape(_plain(part).strip()) for part in phrase.split("*")]
    return re.compile(
        r" (?:\S+ ){0,2}".join(f" {part}" if not place else part for place, part in enumerate(words_of)) + " "
    )


def _plain(text: str) -> str:
    return f" {' '.join(map(fold, words(text)))} "


def _cues(question: str) -> tuple[str, ...]:
    plain = _plain(question)
    return tuple(kind for kind, phrases in _cue_words().items() if any(phrase.search(plain) for phrase in phrases))


def _stated(expected: Sequence[Expected], scored: Sequence[Candidate]) -> bool:
    """Whether a sentence near the best one states one of the kinds; a date, near enough to the question itself."""
    dated = all(one.kind == "time" for one in expected)
    near = [each for each in scored[:_REACH] if not dated or each.score >= LEAST_DATED]
    return any(_states(one, each) for one in expected for each in near)


def _states(expected: Expected, candidate: Candidate) -> bool:
    return states(expected, candidate.text, lang=_spoken(candidate))


def _told(candidate: Candidate) -> Told:
    before = candidate.article.text[max(0, candidate.start - _BEFORE) : candidate.start]
    published = candidate.article.source.published
    return Told(candidate.text, _spoken(candidate), before, (published,) if published else ())


def _spoken(candidate: Candidate) -> str:
    return candidate.article.source.lang or ""


def _reason(kind: str, lang: str, spellings: Sequence[str] = (), joined: str = "and") -> str:
    phrases = _REASONS.get(lang, _REASONS["en"])
    most = list(spellings[:-1])
    return phrases[kind].format(f" {phrases[joined]} ".join([", ".join(most)] * bool(most) + list(spellings[-1:])))
