"""The house holds: imports run downwards, there is no cycle, and heavy libraries stay behind their doors."""

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "rag"
ROWS = [
    {"domain", "errors", "remembered"},
    # 1 ground, that of cleaning and of names included
    {
        "text",
        "concepts",
        "dates",
        "time_words",
        "periods",
        "article_dates",
        "config",
        "health",
        "journal",
        "render",
        "decode",
        "scan",
        "lexical",
        "sql",
        "word_tables",
        "lines",
        "measures",
        "numerals",
        "hours",
        "figures",
        "units",
        "moments",
        "orders",
        "ordinals",
        "untold",
    }
    | {
        "readings",
        "skeleton",
        "places",
        "wordlists",
        "spellings",
        "aliases",
        "declension",
        "korean",
        "vietnamese_cyrillic",
    }
    | {"prompts", "replies", "llm_address", "llm_errors", "llm_limits"}
    | {"brief_labels", "render_brief", "render_events", "event_json", "answer_json", "event_tables", "event_calendar"},
    # 2 doors
    {"evaluations", "feeds", "files", "markup", "embed", "local", "e5", "e5_convert", "e5_format"}
    | {
        "store",
        "event_rows",
        "published",
        "catalogue",
        "filters",
        "intake",
        "near",
        "nearest",
        "outbox",
        "postgres",
        "postgres_words",
        "shelf",
        "vectors",
    }
    | {"llm", "llm_cache", "llm_calls", "llm_threads", "llm_transport"},
    # 3 steps
    {
        "clean",
        "body",
        "page",
        "signature",
        "split",
        "cite",
        "claims",
        "denied",
        "names",
        "bridge",
        "hanzi_mentions",
        "hanzi_questions",
        "asked_places",
        "asked_times",
    }
    | {"claimed_dates", "claimed_figures", "figure_match", "swaps"}
    | {"polarity", "polarity_words", "clauses", "opposites", "roles", "modality"}
    | {"hanzi_persons", "lower_names", "offices", "place_questions", "stated_questions"}
    | {
        "claimed_names",
        "evidence_names",
        "statement_names",
        "reference",
        "surroundings",
        "capitals_of",
        "speakers",
        "known_names",
        "ordinary_words",
        "uncased",
    }
    | {"mentions", "name_index", "name_tables", "name_questions", "name_rewrite", "capitals", "question_words", "runs"}
    | {"follow_words", "references_en", "references_vi"}
    | {"reading", "participants", "role_words", "office_words", "mended_names", "office_countries", "actors"}
    | {"event_kinds", "event_dates", "event_places", "event_news"}
    | {"told", "told_figures", "told_words", "signed", "sayings", "who_said"},
    {"search", "prepare", "limits", "nearness"},
    {"answer", "requests", "conflicts", "prose", "excerpts", "followup", "fragments"}
    | {
        "events",
        "event_model",
        "event_answers",
        "event_questions",
        "event_traits",
        "links",
        "merging",
        "event_conflicts",
        "figure_surroundings",
    }
    | {"meetings", "meetings_formats", "meetings_layout", "meetings_picture", "met_persons"}
    | {"briefing", "brief_prose", "brief_words", "brief_roles", "changes", "timeline"},
    {"conversations", "turns", "feedback"}
    | {
        "assisted",
        "briefs",
        "desk",
        "asking",
        "ingesting",
        "making",
        "observed",
        "ray_stages",
        "share",
        "stored",
        "raw_lines",
        "uploads",
        "fetch",
        "recorded",
        "event_pages",
        "requested",
        "requested_briefs",
        "requested_events",
        "record_answers",
        "doctor",
        "doctor_model",
        "deep",
        "archive",
        "moving",
        "moving_servers",
        "proof",
        "proof_catalogue",
        "proof_vectors",
    },
    {
        "cli",
        "cli_brief",
        "cli_delete",
        "cli_doctor",
        "cli_eval",
        "cli_events",
        "cli_meetings",
        "cli_move",
        "cli_timeline",
        "commands",
        "brief_html",
        "brief_page",
        "chat",
        "examples",
        "requested_html",
        "source_panel",
        "talk",
        "ui",
        "ui_api",
        "ui_auth",
        "ui_calls",
        "ui_mcp",
        "cli_serve",
        "passwords",
        "ui_ask",
        "ui_briefings",
        "ui_evaluation",
        "ui_evaluation_report",
        "ui_events",
        "ui_health",
        "ui_stop",
        "metrics",
        "ui_library",
        "ui_library_details",
        "ui_library_table",
        "ui_library_upload",
        "ui_page",
        "ui_settings",
        "ui_settings_health",
        "ui_settings_model",
        "ui_start",
        "ui_talks",
        "ui_words",
        "answer_html",
        "event_cards",
        "ui_events_meetings",
        "ui_events_table",
        "ui_events_timeline",
        "live",
    },
]
HEAVY = {"torch", "transformers", "sentence_transformers", "gradio", "chromadb", "trafilatura", "onnx", "onnxruntime"}
HEAVY |= {"icalendar", "networkx", "prometheus_client", "mcp", "ray", "pyarrow"}
HEAVY |= {"langchain", "langchain_openai", "langsmith", "openai"}
DOORS = {
    "chromadb": {"vectors"},
    "sentence_transformers": {"embed"},
    "torch": {"embed"},
    "xllamacpp": {"local"},
    "huggingface_hub": {"local"},
    "gradio": {
        "ui",
        "ui_api",
        "ui_ask",
        "ui_page",
        "ui_talks",
        "ui_briefings",
        "ui_evaluation",
        "ui_events",
        "ui_health",
        "ui_stop",
        "metrics",
        "ui_library",
        "ui_library_details",
        "ui_library_upload",
        "ui_settings",
        "ui_settings_model",
        "ui_start",
    },
    "trafilatura": {"markup"},
    "onnxruntime": {"e5", "e5_convert"},
    "onnx": {"e5_convert"},
    "sqlite3": {"catalogue", "conversations", "deep", "llm_cache", "moving", "proof_catalogue", "word_tables"},
    "sqlalchemy": {"postgres"},
    "psycopg": {"postgres"},
    "icalendar": {"event_calendar"},
    "networkx": {"meetings_formats", "meetings_layout"},
    "rensa": {"near"},
    "typer": {"cli", "cli_brief", "cli_delete", "cli_eval", "cli_events", "cli_meetings", "cli_serve", "cli_timeline"}
    | {"cli_doctor", "cli_move"},
    "langchain_core": {"embed", "search", "desk", "prompts", "llm_calls"},  # the desk only names the type
    "langchain": {"llm_calls"},
    "langchain_openai": set(),
    "langsmith": {"llm_threads"},
    "openai": set(),
    "httpx2": {"llm_transport"},
    "httpcore2": {"llm_transport"},
    "fastapi": {"ui", "ui_auth", "ui_health", "ui_mcp", "ui_stop"},  # all but the first only name the type
    "bcrypt": {"passwords"},
    "mcp": {"ui_mcp"},
    "prometheus_client": {"metrics"},
    "uvicorn": {"ui_stop"},
    "ray": {"ray_stages"},
    "pyarrow": {"ray_stages"},
}


@cache
def modules() -> dict[str, ast.Module]:
    return {path.stem: ast.parse(path.read_text()) for path in PACKAGE.glob("*.py") if path.stem != "__init__"}


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"rag.{alias.name}" for alias in node.names} if node.module == "rag" else {node.module}
    return found


def row(module: str) -> int:
    return next(number for number, names in enumerate(ROWS) if module in names)


def test_every_module_stands_in_one_row() -> None:
    placed = [name for names in ROWS for name in names]
    assert sorted(placed) == sorted(modules())


def test_imports_run_downwards_or_within_a_row_without_a_cycle() -> None:
    graph = {
        name: {i.split(".")[1] for i in imports(tree) if i.startswith("rag.") and i.split(".")[1] in modules()}
        for name, tree in modules().items()
    }
    upwards = [(name, used) for name, uses in graph.items() for used in uses if row(used) > row(name)]
    assert upwards == []
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"a cycle: {' -> '.join((*path, name))}"
        if name not in done:
            for used in graph[name]:
                visit(used, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("library", sorted(DOORS))
def test_each_heavy_library_has_its_door(library: str) -> None:
    users = {name for name, tree in modules().items() if any(i.split(".")[0] == library for i in imports(tree))}
    assert users <= DOORS[library]


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    for name, tree in modules().items():
        at_start = {i.split(".")[0] for node in tree.body for i in imports(node) if not isinstance(node, ast.If)}
        at_start -= {
            i.split(".")[0]
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            for i in imports(node)
        }
        assert not at_start & HEAVY, f"{name} imports {at_start & HEAVY} when it is imported"


def loaded(*arguments: str) -> tuple[str, set[str]]:
    """What `rag` prints for these arguments without any setting, and the packages that it imports."""
    code = (
        f"import sys; sys.argv = {['rag', *arguments]}\n"
        "from rag.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print('imported', *sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    unset = {name: value for name, value in os.environ.items() if not name.startswith(("RAG_", "OPENAI_"))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=unset)
    return done.stdout, set(done.stderr.rpartition("imported")[2].split())


def test_help_imports_nothing_heavy() -> None:
    shown, packages = loaded("--help")
    assert "Answer a question" in shown
    assert not packages & (HEAVY | {"numpy", "pydantic", "langchain_core"})


def test_a_question_without_settings_imports_nothing_of_a_language_model(seeds_store: Path) -> None:
    shown, packages = loaded("ask", "what did Lavrov and Wang Yi agree on?", "--store", str(seeds_store))
    assert "Lavrov" in shown
    assert not packages & {"langchain", "langchain_core", "langchain_openai", "langsmith", "openai", "httpx2"}


def test_the_harness_imports_the_package_and_never_the_reverse() -> None:
    assert not [name for name, tree in modules().items() if any(i.split(".")[0] == "eval" for i in imports(tree))]
