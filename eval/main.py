"""`rag eval`: runs suites, prints the table, writes report.json and report.html, holds figures to their floors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from eval import compare, page, report, runner, suites
from eval.cases import ROOT, Options
from rag.errors import InputError

RESULTS = ROOT / "eval" / "results"


def main(
    names: Sequence[str] = (),
    *,
    data: Path | None = None,
    out: Path | None = None,
    baseline: Path | None = None,
    gate: bool = False,
    seed: int = 0,
    limit: int | None = None,
    as_json: bool = False,
) -> int:
    """Run the suites of these names or folders, without any those that need neither data nor a model.

    1 where `gate` is set and a figure is on the wrong side of its bound, or clearly worse than in the baseline;
    else 0. Raises InputError.
    """
    options = Options(data, seed, limit)
    chosen = [suites.find(name) for name in dict.fromkeys(names or suites.WITHOUT_DATA)]
    for suite in chosen:
        if not suite.load(options):
            raise InputError(f"suite {suite.name} has no cases")
    earlier = compare.read_baseline(baseline) if baseline else {}
    folder = _folder(out or RESULTS)
    settings = report.settings_of(options)
    finished = tuple(runner.run(suite, options, settings=settings, out=folder) for suite in chosen)
    changes = [change for each in finished for change in compare.changes(each, earlier, seed=seed)]
    below = [breach for each in finished for breach in compare.breaches(each)] + [*compare.losses(changes)]
    done = report.Report(settings, finished, tuple(changes), tuple(below) if gate else ())
    told = report.as_json(done, options)
    (folder / "report.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "report.html").write_text(page.as_html(done, told["written"]), encoding="utf-8")
    print(
        json.dumps(told, ensure_ascii=False) if as_json else f"{report.as_text(done)}\n\nwritten: {folder}/report.html"
    )
    return int(bool(done.breaches))


def listed(*, as_json: bool = False) -> int:
    """Print the suites: name, what it needs, what it measures."""
    found = [suites.find(name) for name in suites.SUITES]
    told = [{"name": suite.name, "needs": suites.NEEDS.get(suite.name, ""), "about": suite.about} for suite in found]
    wide = max(len(each["name"]) for each in told)
    lines = (
        f"{each['name']:<{wide}}  {each['about']}" + (f" (needs {each['needs']})" if each["needs"] else "")
        for each in told
    )
    print(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(lines))
    return 0


def compared(before: Path, now: Path, *, seed: int = 0, as_json: bool = False) -> int:
    """Print two reports beside each other, case by case. Raises InputError."""
    found = compare.between(before, now, seed=seed)
    told = [{**asdict(change), "verdict": compare.verdict(change)} for change in found]
    print(json.dumps(told, ensure_ascii=False) if as_json else report.comparison_text(found))
    return 0


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
        (path / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); choose another --out") from error
    return path
