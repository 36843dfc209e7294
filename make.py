#!/usr/bin/env python3
"""Set up and run, with Python alone: `python3 make.py demo` answers a question, `python3 make.py test` tests.

Both make a virtual environment in .venv (uv where it can be had, else pip) and say what they do.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
STORE = HERE / "store"
QUESTION = "what did Lavrov and Wang Yi agree on?"


def say(text: str) -> None:
    print(f"== {text}", flush=True)


def run(*command: "str | Path", check: bool = True, quiet: bool = False) -> int:
    done = subprocess.run([str(part) for part in command], cwd=HERE, stdout=subprocess.DEVNULL if quiet else None)
    if check and done.returncode:
        sys.exit(f"make.py: this failed ({done.returncode}): {' '.join(map(str, command))}")
    return done.returncode


def environment(*extras: str) -> None:
    """The virtual environment with the package and these extras; nothing where it is there already."""
    wanted = (HERE / "pyproject.toml").read_text() + (HERE / "constraints.txt").read_text()
    stamp = VENV / f"installed{'-'.join(['', *extras])}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit(f"make.py: this is Python {sys.version.split()[0]}; run it with Python 3.11 or newer")
    started = time.monotonic()
    if not PYTHON.is_file():
        say("making a virtual environment in .venv")
        if run(sys.executable, "-m", "venv", VENV, check=False):
            sys.exit("make.py: `python3 -m venv` failed; on Debian and Ubuntu: apt install python3-venv")
    target = f".[{','.join(extras)}]" if extras else "."
    pip = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-q")
    say(f"installing {target} (the first time about 280 MB to download)")
    if not (BIN / "uv").is_file():
        run(*pip, "uv", check=False)
    with_uv = (BIN / "uv", "pip", "install", "--python", PYTHON, "-q", "-c", "constraints.txt", "-e", target)
    if not (BIN / "uv").is_file() or run(*with_uv, check=False):
        say("uv could not; installing with pip")
        run(*pip, "-c", "constraints.txt", "-e", target)
    stamp.write_text(wanted)
    say(f"installed in {time.monotonic() - started:.0f} s")


def demo() -> None:
    """Ingest the five articles of seeds/ and ask them a question."""
    started = time.monotonic()
    environment()
    rag = BIN / "rag"
    say("reading the five articles in seeds/ into ./store (the first time the embedder is unpacked)")
    run(rag, "ingest", "seeds", "--store", STORE)
    say(f"asking: {QUESTION}")
    run(rag, "ask", QUESTION, "--store", STORE)
    shown = f"{rag.relative_to(HERE)}"
    say(f"done in {time.monotonic() - started:.0f} s. Now type, for example:")
    print(
        f'   {shown} ask "Quảng Ngãi xuất khẩu được bao nhiêu trong 9 tháng đầu năm 2023?" --store store\n'
        f'   {shown} ask "what did Lavrov and Blinken agree on?" --store store      (a refusal, with the reason)\n'
        f"   {shown} ingest PATH --store store                                      (your own articles)\n"
        f"   {shown} serve --store store                                            (the chat page)"
    )


def test() -> None:
    """Lint, type checks, and every test that this machine can run."""
    environment("dev")
    for name, command in {
        "lint": ("ruff", "check", "."),
        "format": ("ruff", "format", "--check", "."),
        "types": ("mypy",),
        "tests": ("pytest", "-n", "2", "--dist", "loadfile", *sys.argv[2:]),
    }.items():
        say(name)
        run(BIN / command[0], *command[1:])


if __name__ == "__main__":
    os.chdir(HERE)
    tasks = {"demo": demo, "test": test}
    if len(sys.argv) < 2 or sys.argv[1] not in tasks:
        sys.exit("usage: python3 make.py demo | test")
    tasks[sys.argv[1]]()
