"""The desk: the only place that wires the parts together."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from threading import Event as Stop
from threading import Lock
from typing import TYPE_CHECKING, Unpack

from rag import asking, feeds, ingesting, journal, names, observed
from rag import search as searching
from rag.asking import Options
from rag.cite import cited
from rag.config import Settings, settings
from rag.domain import (
    Answer,
    Article,
    Briefing,
    Chunk,
    DateFilter,
    Event,
    Hit,
    Ingested,
    NameMatch,
    Rejected,
    Source,
    Statement,
    Summary,
)
from rag.errors import InputError
from rag.limits import Filters as Filters
from rag.limits import limits
from rag.prepare import clean_file
from rag.store import ArticleRow, Store
from rag.stored import stored
from rag.text import language, nfc

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever
    from pydantic import SecretStr

    from rag.briefs import Asked
    from rag.conversations import Conversations
    from rag.embed import Embedder, Reranker
    from rag.event_pages import EventPage, EventPages, Order
    from rag.feedback import Verdict
    from rag.health import Health
    from rag.llm import Model
    from rag.raw_lines import RawLines
    from rag.recorded import Happened, Wanted
    from rag.requested import Briefed, Carded
    from rag.share import Share
    from rag.shelf import Asked as Shelved
    from rag.shelf import Facets, Shelf
    from rag.turns import Turn

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a search, the names it matched and the periods that limited it.

    `undated` counts the articles that `since` and `until` left out for want of a year.
    """

    hits: tuple[Hit, ...]
    names: tuple[NameMatch, ...]
    undated: int = 0
    seconds: float = 0.0
    dates: tuple[DateFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One article whole."""

    article: Article
    chunks: tuple[Chunk, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Spelled:
    """A stored spelling of a name: its kind, how many articles hold it, how alike it is and why."""

    text: str
    kind: str
    articles: int
    likeness: names.Likeness


class Desk:
    """A store and the models that read it. Threads may share one for asking; one at a time ingests."""

    def __init__(self, configuration: Settings) -> None:
        self.settings = configuration
        self._indexed: tuple[int, names.NameIndex] | None = None
        self._indexing = Lock()
        self._wrote: tuple[Settings, asking.Writing] | None = None
        self._making = Lock()
        self._open = ExitStack()

    @cached_property
    def embedder(self) -> Embedder:
        return self._load()

    @property
    def _load(self) -> Callable[[], Embedder]:
        from rag import embed

        s = self.settings
        return partial(
            embed.load,
            s.embedder,
            query_prompt=s.query_prompt,
            passage_prompt=s.passage_prompt,
            device=s.device,
            cache=s.cache,
            sentences=s.sentences,
        )

    @cached_property
    def reranker(self) -> Reranker | None:
        from rag import embed

        s = self.settings
        return embed.load_reranker(s.reranker, device=s.device) if s.reranker else None

    @cached_property
    def store(self) -> Store:
        """The store for reading. Raises StoreError where there is none, or another embedder made it."""
        return stored(self.settings, embedder=self.embedder.name)

    @cached_property
    def records(self) -> Store:
        """The store for reading events, which needs no embedder. Raises StoreError where there is none."""
        held: Store | None = self.__dict__.get("store")
        return held or self._open.enter_context(stored(self.settings))

    def close(self) -> None:
        """Let go of the store, and of a model's server."""
        self._open.close()
        self._wrote = None
        self.__dict__.pop("records", None)
        if "store" in self.__dict__:
            self.store.close()
            del self.__dict__["store"]

    def beside(self) -> Desk:
        """Another desk of the same settings and embedder, to ingest with while others ask this one.

        This one sees the new articles with its next question.
        """
        other = Desk(self.settings)
        other.__dict__["embedder"] = self.embedder
        return other

    def ingest(
        self,
        paths: Sequence[str],
        *,
        progress: Progress | None = None,
        share: Share | None = None,
        ray: str | None = None,
    ) -> Ingested:
        """Read files, folders and globs into the store, made where there is none. `progress(done, files)`.

        What was read before with the same bytes costs a hash. An interrupted run goes on with the next one. With a
        `share` its files alone; with `ray` (a cluster's address, or "local" for one of this machine) its workers do
        all but the storing. Raises StoreError, StoreBusy, InputError, and MissingExtra where Ray is not installed.
        """
        started = time.perf_counter()
        self.close()
        found = [item for item in feeds.discover(paths) if share is None or share.holds(item.path)]
        embedder = self.embedder
        make = self._made_by(ray) if ray else ingesting.here
        with (
            journal.span("ingest", files=len(found)) as told,
            stored(self.settings, create=True, embedder=embedder.name, dimension=embedder.dimension) as store,
        ):
            report = ingesting.ingest(found, store=store, embedder=embedder, progress=progress, make=make)
            told |= observed.ingested(report)
        return replace(report, seconds=time.perf_counter() - started)

    def _made_by(self, ray: str) -> ingesting.Make:
        from rag.ray_stages import Cluster

        s = self.settings
        return Cluster(partial(stored, s), self._load, address=ray, gpu=(s.device or "").startswith("cuda"))

    def reindex(self, *, progress: Progress | None = None) -> int:
        """Make Chroma, the word index and the events anew from the catalogue; the number of passages.

        Embeds again only where the settings name another embedder than the store's, or want sentences that it lacks.
        """
        self.close()
        with stored(self.settings) as store:
            return ingesting.reindex(store=store, embedder=self.embedder, progress=progress)

    def clean(self, path: str) -> tuple[Article | Rejected, ...]:
        """The cleaned articles of one file, or why there are none. Touches no store."""
        return clean_file(path)

    def count_articles(self) -> int:
        """How many articles are stored. Raises StoreError."""
        return self.records.count()

    def articles(self) -> list[ArticleRow]:
        """What is stored, in order of ingest."""
        return self.store.articles()

    def shelf(self, asked: Shelved, *, limit: int = 50, offset: int = 0) -> Shelf:
        """One page of the stored articles that are asked for. Raises InputError for what is no date, StoreError."""
        return self.records.shelf(asked, limit=limit, offset=offset)

    def facets(self) -> Facets:
        """The outlets and languages of the stored articles, counted. Raises StoreError."""
        return self.records.facets()

    def raw(self, article: str) -> RawLines:
        """The page of an article (id) as it was found, what was kept of it and why the rest was dropped.

        Where its file is gone or has changed, the lines are those stored. Raises InputError, StoreError.
        """
        from rag.raw_lines import raw_lines

        return raw_lines(self.records.article(article))

    def delete(self, ids: Sequence[str]) -> int:
        """Remove articles (ids or their beginnings) with all that hangs on them; how many there were.

        Files that came in through the page go too once no article is left of them. Others may go on asking this desk.
        Raises InputError for an id that no article has, and then removes none; StoreBusy, StoreError.
        """
        from rag import uploads

        folder = self.settings.store
        with stored(self.settings) as store:
            whole = [store.article(one).id for one in ids]
            paths = store.paths_of(whole)
            count = store.delete(*whole)
            store.flush()
            uploads.forget(folder, [path for path in paths if not store.articles_of(path, limit=1)])
        return count

    def show(self, article: str) -> Shown:
        """One article by its id or the beginning of it. Raises InputError."""
        whole = self.store.article(article)
        return Shown(whole, self.store.chunks_of(whole.id), self.store.sources(whole.id))

    def summarize(self, ids: Sequence[str], *, mode: asking.Mode | None = None) -> Summary:
        """The event records of these articles (ids or their beginnings) or files, which need not be stored.

        `mode` as for `stream`: a model completes them, and where it fails they stand as the rules made them. Raises
        InputError for an id that no article has and a file that holds none.
        """
        from rag import assisted

        return assisted.summarize(ids, store=lambda: self.records, mode=mode or self.settings.mode, make=self._made)

    def events(self, wanted: Wanted | None = None) -> Happened:
        """The stored events that are wanted, linked across articles. Raises InputError, StoreError."""
        from rag import recorded

        return recorded.happened(self.records, wanted=wanted)

    def recent(self, *, articles: int = 30) -> tuple[Event, ...]:
        """The event records of the newest articles, background left out. Raises StoreError."""
        from rag import recorded
        from rag.shelf import Asked as Shelved

        ids = [row.id for row in self.shelf(Shelved(), limit=articles).rows]
        return tuple(each for each in recorded.records(self.records, articles=ids) if not each.background)

    def newest_day(self) -> date | None:
        """The newest day on which an article states that it was published, none of the future. Raises StoreError."""
        return self.records.newest_day(until=date.today())

    @cached_property
    def _event_pages(self) -> EventPages:
        from rag.event_pages import EventPages

        return EventPages(lambda: self.records)

    def events_page(self, wanted: Wanted, *, order: Order = "newest", limit: int = 50, offset: int = 0) -> EventPage:
        """Some of the wanted events, without putting the others together. Raises InputError, StoreError."""
        return self._event_pages.page(wanted, order=order, limit=limit, offset=offset)

    def search(self, question: str, *, limit: int = 8, filters: Filters | None = None) -> Found:
        """The passages nearest to a question, best first. Raises InputError, StoreError."""
        with journal.span("search", texts={"question": question}) as told:
            found = self._search(question, limit, filters or Filters())
            told |= {"hits": len(found.hits), "names": len(found.names)}
            return found

    def _search(self, question: str, limit: int, filters: Filters) -> Found:
        started = time.perf_counter()
        parts = self._parts()
        understood = asking.understand(question, parts)
        question, lang, matches = understood.question, understood.lang, understood.names
        limited = limits(question, lang=lang, filters=filters, store=self.store, index=parts.index)
        allowed = limited.allowed
        asked = searching.understand(question, lang=lang, names=matches, store=self.store, embedder=self.embedder)
        hits = searching.search(asked, store=self.store, limit=limit, allowed=allowed, reranker=self.reranker)
        undated = allowed.undated if allowed else 0
        return Found(hits, matches, undated, time.perf_counter() - started, limited.dates)

    def ask(self, question: str, **options: Unpack[Options]) -> Answer:
        """What the articles say to a question: cited statements, or a refusal. Options as for `stream`."""
        *_, answer = self.stream(question, **options)
        assert isinstance(answer, Answer)
        return answer

    def stream(self, question: str, **options: Unpack[Options]) -> Iterator[Statement | Answer]:
        """The statements as they pass the check, and last the whole Answer. Closing the iterator stops the model.

        `filters` limit what is asked, `limit` is the number of passages read. `mode` is, unless told, `llm` where a
        model is set; where that fails the articles' own sentences stand, with a notice. `lang` is the language of the
        answer, unless told the question's; `history` are earlier Answers, from which a follow-up is completed. Setting
        `stop` ends the model's work.
        Raises InputError, StoreError.
        """

        def make(stop: Stop) -> Iterator[Statement | Answer]:
            stoppable: Options = {**options, "stop": stop}
            return asking.stream(question, self._parts(), **stoppable)

        return observed.asked(question, make, stop=options.get("stop"))

    def check(self, statement: str, quotes: Sequence[str], article: str, *, lang: str | None = None) -> Statement:
        """A statement checked against quotes of an article (id), as a model's are. Raises InputError, StoreError."""
        whole = self.store.article(article)
        citations = cited(quotes, [(whole, chunk) for chunk in self.store.chunks_of(whole.id)])
        lang = lang or language(statement)
        verdict = asking.check(statement, lang=lang, citations=citations, parts=self._parts())
        return Statement(statement, lang, citations, verdict.support, verdict.reasons)

    def brief(self, asked: Asked, *, mode: asking.Mode | None = None) -> Briefing:
        """The briefing of a period, against the period before. Raises InputError, StoreError.

        `mode` as for `stream`; what the model does not write, or the check does not let pass, stands by rule.
        """
        from rag import assisted, briefs

        notices: list[str] = []
        with journal.span("brief") as told:
            writing = asking.opened(mode or self.settings.mode, self._made, notices, instead=assisted.TEMPLATED)
            found = briefs.brief(self.records, asked, aliases=self._aliases)
            if writing:
                found = assisted.in_prose(found, parts=self._parts(), writing=writing)
            found = replace(found, notices=(*found.notices, *notices))
            told |= {"lang": found.lang, "events": len(found.events), "notices": len(found.notices)}
            return found

    @cached_property
    def conversations(self) -> Conversations:
        """The conversations that are kept in the store's folder."""
        from rag.conversations import Conversations

        return Conversations(self.settings.store)

    def remembered(self, conversation: str) -> tuple[Turn, ...]:
        """The turns of a kept conversation, whose citations are made again of the stored articles.

        Raises InputError where there is no such conversation, StoreError.
        """
        return self.conversations.turns(conversation, article=lambda name: self.records.article(name))

    def judge(
        self, answer: Answer, verdict: Verdict, *, note: str = "", filters: Filters | None = None, owner: str = ""
    ) -> None:
        """Keep a thumb up or down as a case that `rag eval feedback` runs; judged again, the last verdict counts.

        `filters` are those it was asked with. Raises InputError, StoreError.
        """
        from rag import feedback

        feedback.judge(self.settings.store, answer, verdict, note=note, filters=filters, owner=owner)

    def requested(self, text: str, *, lang: str | None = None) -> Carded | Briefed | None:
        """What a request in the chat asks for: the event that is meant, or a briefing; None for a question: ask it.

        `lang` is the language of reasons and of the briefing, unless told the request's. Raises InputError, StoreError.
        """
        from rag import requested

        def newest() -> date | None:
            return self.store.newest_day(until=date.today())

        return requested.requested(text, lang=lang, today=newest, parts=self._parts, brief=self.brief)

    def doctor(self) -> Iterator[Health]:
        """What works and what does not, part by part, as it is found out."""
        from rag.doctor import examine

        return examine(self.settings)

    def try_model(
        self, *, base_url: str, model: str | None = None, api_key: SecretStr | str | None = None
    ) -> Iterator[Health]:
        """Whether this model can be reached and replies in the shape asked for, without using it. Raises nothing."""
        from rag.doctor import examine_model

        return examine_model(self.settings.with_model(base_url=base_url, model=model, api_key=api_key))

    def use_model(self, *, base_url: str, model: str | None = None, api_key: SecretStr | str | None = None) -> None:
        """Answer with this model from now on; an answer that is being written ends with the model it began with.

        Nothing is kept beyond this desk. Raises ModelError for an address or a key that is none, and changes nothing.
        """
        changed = self.settings.with_model(base_url=base_url, model=model, api_key=api_key)
        _model_of(changed, changed.llm_base_url)
        self.settings = changed

    def use_no_model(self) -> None:
        """Answer with the articles' own sentences from now on; an answer that is being written ends as it began."""
        self.settings = self.settings.with_model()

    def retriever(self, *, limit: int = 8) -> BaseRetriever:
        """Search as a LangChain retriever, for the user's own chains."""
        return searching.retriever(lambda question: self.search(question, limit=limit).hits)

    def _parts(self) -> asking.Parts:
        return asking.Parts(
            self.store,
            self.embedder,
            self.reranker,
            self._names(),
            self.settings.mode,
            self._made,
        )

    @property
    def _made(self) -> Callable[[], asking.Writing] | None:
        """What makes the language model when it is first wanted; None where none is set."""
        s = self.settings
        return partial(self._writing, s) if s.llm_set else None

    def _writing(self, s: Settings) -> asking.Writing:
        """The model of these settings, which are the desk's own as they were when a question came."""
        with self._making:  # many who ask at once make it once
            if self._wrote is None or self._wrote[0] is not s:
                self._wrote = (s, self._connected(s))
            return self._wrote[1]

    def _connected(self, s: Settings) -> asking.Writing:
        from rag import embed, llm

        model = _model_of(s, self._address(s))
        nli = embed.load_nli(s.nli, device=s.device) if s.nli else None
        return asking.Writing(model, partial(llm.Meter, seconds=s.llm_timeout), s.judge == "model", nli)

    def _address(self, s: Settings) -> str | None:
        """The endpoint's address; that of a server of its own where a model file is set."""
        if s.llm_file is None:
            return s.llm_base_url
        from rag import local

        model = local.locate(str(s.llm_file))
        return self._open.enter_context(local.serve(model, context=s.llm_context or local.CONTEXT))

    def spellings(self, query: str) -> list[Spelled]:
        """The stored spellings that can be this name, best first."""
        index = self._names()
        return [
            Spelled(text, index.kind(text), len(index.articles(text)), likeness)
            for text, likeness in index.ranked(nfc(query), lang=language(query))
        ]

    def same_name(self, one: str, other: str) -> names.Likeness:
        """Whether two spellings can be one name, and why. Needs no store."""
        return names.same(nfc(one), nfc(other), aliases=self._aliases)

    @cached_property
    def _aliases(self) -> names.Aliases:
        given = self.settings.aliases
        if given is not None and not given.is_file():
            raise InputError(f"no alias file at {given}; make one or unset RAG_ALIASES")
        return names.load_aliases(self.settings.alias_file)

    def _names(self) -> names.NameIndex:
        with self._indexing:  # many who ask at once make it once
            generation = self.store.generation
            if self._indexed is None or self._indexed[0] != generation:
                self._indexed = (
                    generation,
                    names.NameIndex(self.store.names(), aliases=self._aliases, kept=self.settings.store / "names.json"),
                )
                gc.freeze()  # what lives as long as the store is not walked again at each collection
            return self._indexed[1]


def _model_of(s: Settings, address: str | None) -> Model:
    from rag import llm

    return llm.connect(
        model=s.llm_model,
        base_url=address,
        api_key=s.llm_api_key,
        provider=s.llm_provider,
        retries=s.llm_retries,
        concurrency=s.llm_concurrency,
        max_tokens=s.llm_max_tokens,
        context=s.llm_context,
        price_input=s.llm_price_input,
        price_output=s.llm_price_output,
        cache=s.store / "llm_cache.sqlite" if s.llm_cache else None,
    )


def open_desk(**given: object) -> Desk:
    """A desk with these settings before the environment's: `open_desk(store=Path("news"))`. Raises InputError."""
    return Desk(settings(**given))
