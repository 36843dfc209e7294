import re
from pathlib import Path

from eval.suites import WITHOUT_DATA

RUN = (Path(__file__).parent.parent / ".ci" / "run").read_text(encoding="utf-8")


def test_the_gate_holds_every_suite_that_needs_no_data() -> None:
    held = [name for names in re.findall(r"^gate ([a-z -]+)", RUN, re.MULTILINE) for name in names.split()]
    assert sorted(held) == sorted(WITHOUT_DATA)
