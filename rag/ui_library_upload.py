"""The library's way in: files and pasted text, one upload after another, with progress and a report."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import uploads
from rag.answer_html import escaped
from rag.domain import Ingested
from rag.errors import InputError, RagError
from rag.ui_library_table import number, title_of
from rag.ui_page import PRIVATE, Page, notice, opener
from rag.ui_words import Words, catalogue
from rag.uploads import MOST_BYTES, MOST_FILES, Pasted, Upload

if TYPE_CHECKING:
    from rag.desk import Desk

MOST_REPORTED = 500
_QUEUE: dict[str, Any] = {"concurrency_id": "library-add", "concurrency_limit": 8, **PRIVATE}
_BEAT = 0.5  # seconds between looks at what an upload does
_writers: dict[Path, threading.Lock] = {}  # the uploads of one process take turns at a store


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the report: the file, the article it gave (id and title), what became of it, why it was rejected."""

    file: str
    what: str
    article: str = ""
    title: str | None = None
    why: str = ""


def ingested(desk: Desk, paths: Sequence[Path]) -> Iterator[tuple[int, int] | Ingested | None]:
    """Ingest beside the desk: None while another upload goes on, then (done, files), and last the report.

    The work ends even where nobody waits for it. Raises StoreBusy, StoreError.
    """
    told: queue.Queue[Any] = queue.Queue()
    turn = _writers.setdefault(desk.settings.store.absolute(), threading.Lock())

    def work() -> None:
        try:
            with turn:
                told.put((0, len(paths)))
                writer = desk.beside()
                try:
                    found = [str(path) for path in paths]
                    told.put(writer.ingest(found, progress=lambda done, files: told.put((done, files))))
                finally:
                    writer.close()
        except Exception as error:  # raised again where it is waited for
            told.put(error)

    threading.Thread(target=work, name="upload", daemon=True).start()
    begun = False
    while True:
        try:
            each = told.get(timeout=_BEAT)
        except queue.Empty:
            if not begun:
                yield None
            continue
        begun = True
        if isinstance(each, Exception):
            raise each
        yield each
        if isinstance(each, Ingested):
            return


def lines(desk: Desk, kept: Sequence[tuple[Path, str]], report: Ingested) -> list[Line]:
    """What became of each file, by the name under which it was sent."""
    names = {str(path): name for path, name in kept}
    found = [Line(names.get(o.path, o.path), o.what, o.article, o.title) for o in report.outcomes if o.path in names]
    for each in report.rejected:
        if each.path in names:
            why = each.reason.removeprefix(f"{each.path} ")
            found.append(Line(names[each.path], "rejected", why=why))
    said = {o.path for o in report.outcomes} | {r.path for r in report.rejected}
    for path, name in kept:
        for article in desk.records.articles_of(str(path), limit=MOST_REPORTED) if str(path) not in said else ():
            found.append(Line(name, "unchanged", article, desk.show(article).article.source.title))
    return found


def report_html(found: Sequence[Line], say: Words) -> str:
    """The report as a table; each article opens."""
    counts = Counter(line.what.split()[0] for line in found)
    same = counts["same"] + counts["unchanged"]
    told = {
        "new": counts["new"],
        "updated": counts["updated"],
        "same": same,
        "duplicate": counts["duplicate"] + counts["near-duplicate"],
        "rejected": counts["rejected"],
    }
    summary = say("library.summary", **{name: number(count, say) for name, count in told.items()})
    heads = "".join(f'<th scope="col">{escaped(say(f"library.report_{name}"))}</th>' for name in _COLUMNS)
    rows = "".join(_row(line, say) for line in found[:MOST_REPORTED])
    left = len(found) - MOST_REPORTED
    more = f"<p>{escaped(say('library.report_more', count=number(left, say)))}</p>" if left > 0 else ""
    return (
        f'<p role="status">{escaped(summary)}</p><div class="wide"><table>'
        f"<caption>{escaped(say('library.report'))}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{more}"
    )


def build(page: Page, listing: Callable[..., Any], listed: list[Any], limits: list[Any]) -> Any:
    """The boxes to add articles with, folded away where there are some; `listing` then fills `listed` from `limits`."""
    import gradio

    say = page.say
    with gradio.Accordion(say("library.add"), open=False, elem_id="library-add") as folded:
        with gradio.Row():
            with gradio.Column(min_width=260):
                sizes = {"files": MOST_FILES, "size": MOST_BYTES // 1_000_000}
                files = gradio.File(
                    label=say("library.files"), file_count="multiple", elem_id="library-files", height=160
                )
                gradio.HTML(f'<p class="hint">{escaped(say("library.files_hint", **sizes))}</p>')
                upload = gradio.Button(say("library.upload"), variant="primary", elem_id="library-upload")
            with gradio.Column(min_width=260):
                text = gradio.Textbox(
                    label=say("library.paste"),
                    placeholder=say("library.paste_hint"),
                    lines=5,
                    max_lines=12,
                    elem_id="library-paste",
                )
                with gradio.Row():
                    title, outlet = (
                        gradio.Textbox(label=say(f"library.{key}"), min_width=160, elem_id=f"library-{key}")
                        for key in ("paste_title", "paste_outlet")
                    )
                with gradio.Row():
                    published = gradio.Textbox(
                        label=say("library.paste_date"), placeholder=say("library.paste_date_hint"), min_width=160
                    )
                    url = gradio.Textbox(label=say("library.paste_url"), min_width=160)
                paste = gradio.Button(say("library.paste_add"), elem_id="library-paste-add")
        said = gradio.HTML("", elem_id="library-report")

    outputs = [said, files, text, *listed]
    boxes = [title, outlet, published, url]
    idle = [gradio.skip()] * (len(outputs) - 1)

    def added(kept: list[tuple[Path, str]], refused: list[Line], limited: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        desk = page.desk()
        found = list(refused)
        if kept:
            for each in ingested(desk, [path for path, _ in kept]):
                if isinstance(each, Ingested):
                    found = [*lines(desk, kept, each), *refused]
                    uploads.forget(
                        desk.settings.store,
                        [str(path) for path, _ in kept if not desk.records.articles_of(str(path), limit=1)],
                    )
                else:
                    yield _progress(each, say), *idle
        yield report_html(found, say), None, "", *listing(*limited)

    def uploaded(sent: list[str] | None, *limited: Any) -> Iterator[tuple[Any, ...]]:
        given = [Upload(Path(each), Path(each).name) for each in sent or ()]
        if not given or len(given) > MOST_FILES:
            key = "too_many" if given else "no_files"
            yield notice(say(f"library.{key}", files=MOST_FILES)), *idle
            return
        try:
            yield from added(*_kept(page.desk().settings.store, given, say), limited)
        except RagError as error:
            yield notice(say.phrased(str(error))), *idle

    def pasted(text: str, title: str, outlet: str, published: str, url: str, *limited: Any) -> Iterator[Any]:
        given = Pasted(text, title, outlet, published, url)
        if not text.strip():
            yield notice(say("library.paste_none")), *idle
            return
        try:
            path = uploads.paste(page.desk().settings.store, given)
        except InputError:
            yield notice(say("library.paste_bad_date", date=published.strip())), *idle
            return
        except RagError as error:
            yield notice(say.phrased(str(error))), *idle
            return
        try:
            name = title_of(title, say) if title.strip() else say("library.paste")
            yield from added([(path, name)], [], limited)
        except RagError as error:
            yield notice(say.phrased(str(error))), *idle

    upload.click(uploaded, [files, *limits], outputs, **_QUEUE)
    paste.click(pasted, [text, *boxes, *limits], outputs, **_QUEUE)
    return folded


_COLUMNS = ("file", "article", "result")


def _kept(store: Path, given: Sequence[Upload], say: Words) -> tuple[list[tuple[Path, str]], list[Line]]:
    """The files as they lie in the store's folder, with their names; and the lines for those refused."""
    kept: dict[Path, str] = {}
    refused = []
    for each in given:
        if why := uploads.wrong(each):
            told = say(f"library.wrong_{why}", size=MOST_BYTES // 1_000_000)
            refused.append(Line(each.name, "rejected", why=told))
        else:
            kept.setdefault(uploads.keep(store, each), each.name)
        with suppress(OSError):
            each.path.unlink()  # the page keeps its own copy
    return list(kept.items()), refused


def _progress(each: tuple[int, int] | None, say: Words) -> str:
    if each is None or not each[1]:
        return notice(say("library.waiting" if each is None else "library.starting"))
    done, files = each
    told = say("library.progress", done=number(done, say), files=number(files, say))
    return (
        f'<p role="status">{escaped(told)}</p>'
        f'<progress max="{files}" value="{done}" aria-label="{escaped(told)}"></progress>'
    )


def _row(line: Line, say: Words) -> str:
    title = title_of(line.title, say)
    article = opener(title, line.article) if line.article else "–"
    what = line.what.split()[0].replace("-", "_")
    why = {"why": _reason(line.why, say)} if what == "rejected" else {}
    cells = (article, escaped(say(f"library.what_{what}", **why)))
    labels = (escaped(say(f"library.report_{name}")) for name in _COLUMNS[1:])
    others = "".join(
        f'<td data-label="{label}" dir="auto">{cell}</td>' for label, cell in zip(labels, cells, strict=True)
    )
    return f'<tr><th scope="row" dir="auto">{escaped(line.file)}</th>{others}</tr>'


def _reason(why: str, say: Words) -> str:
    """Why something was rejected, the phrases in it that are known in the page's language."""
    for key, said in catalogue().items():
        if key.startswith("library.why_"):
            why = why.replace(said["en"], said[say.lang])
    return why
