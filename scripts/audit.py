"""The installed packages: known vulnerabilities by pip-audit, and licences. `python scripts/audit.py [--strict]`.

The exit status is 1 where a package has a known vulnerability. Where the advisory service does not answer, that is said
and nothing is claimed; with `--strict` it fails too. `--licences` lists them and fails for none.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

_SECONDS = 300


def installed() -> dict[str, str]:
    """The installed packages from a registry and their versions: this project and what is in folders left out."""
    found = {each.metadata["Name"]: each.version for each in distributions() if not each.read_text("direct_url.json")}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def audited(packages: dict[str, str], folder: Path) -> list[dict[str, Any]] | None:
    """What pip-audit, installed into `folder`, tells of each package; None where it cannot be had or does not run."""
    wanted = folder / "packages.txt"
    wanted.write_text("".join(f"{name}=={version.split('+')[0]}\n" for name, version in packages.items()))
    tool = folder / "tool"
    install = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(tool)]
    command = [sys.executable, "-m", "pip_audit", "-r", str(wanted), "--no-deps", "--disable-pip", "-f", "json"]
    try:
        subprocess.run([*install, "pip-audit"], check=True, capture_output=True, timeout=_SECONDS)
        done = subprocess.run(
            [*command, "--progress-spinner", "off"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env={"PYTHONPATH": str(tool), "PATH": str(Path(sys.executable).parent), "HOME": str(folder)},
        )
        return list(json.loads(done.stdout)["dependencies"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None


def told(packages: dict[str, str], found: Sequence[dict[str, Any]] | None, *, strict: bool) -> tuple[str, int]:
    """The report, and the exit status."""
    looked_up = [each for each in found or () if "skip_reason" not in each]
    bad = [f"{each['name']} {each['version']}: {v['id']}" for each in looked_up for v in each["vulns"]]
    missing = len(packages) - len(looked_up)
    lines = [f"audit: {len(packages)} packages, {len(looked_up)} looked up, {len(bad)} known vulnerabilities", *bad]
    if missing:
        lines.append(
            f"audit: NOTICE: {missing} packages were NOT AUDITED: the advisory service did not answer for them"
        )
    return "\n".join(lines), int(bool(bad) or (strict and missing > 0))


def licences() -> str:
    """A line for each licence: how many packages say that they have it, and which where they are few."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in distributions():
        found[_licence(each)].append(each.metadata["Name"])
    rows = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return "\n".join(f"{len(names):4} {licence}: {', '.join(sorted(names)[:6])}" for licence, names in rows)


def _licence(each: Distribution) -> str:
    stated = [*(each.metadata.get_all("License-Expression") or []), *(each.metadata.get_all("License") or [])]
    classes = [c.rpartition(":: ")[2] for c in each.metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    return "; ".join(classes) or (stated[0] if stated else "not stated").split("\n")[0][:60]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--strict", action="store_true", help="fail where a package could not be looked up")
    parser.add_argument("--licences", action="store_true", help="list the licences instead")
    options = parser.parse_args(arguments)
    if options.licences:
        print(licences())
        return 0
    packages = installed()
    with tempfile.TemporaryDirectory() as folder:
        text, status = told(packages, audited(packages, Path(folder)), strict=options.strict)
    print(text)
    return status


if __name__ == "__main__":
    sys.exit(main())
