"""What comparing the parts of a store has found: faults, counted with examples, and what is worth saying beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["lost", "doubled", "half"]

REPAIR = "run `rag doctor --deep --repair`"
RESTORE = "restore it with `rag import`, or ingest its files into a new store with --store"
AGAIN = "run `rag delete ID` and ingest its file again"
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one part of a store: how often, some of the places, and what to do.

    `lost` lacks where another part says that it is, `doubled` is there twice or without what it belongs to, `half`
    is there and not as it should be.
    """

    part: str
    kind: Kind
    says: str
    count: int
    examples: tuple[str, ...]
    remedy: str

    @property
    def repairable(self) -> bool:
        """Whether it can be made anew from the catalogue."""
        return self.remedy == REPAIR


@dataclass(frozen=True, slots=True)
class Proof:
    """What was compared, by part; what is wrong; and notices: what is no fault, or could not be looked at."""

    checked: Mapping[str, int]
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing is lost, doubled or half."""
        return not self.faults

    @property
    def repairable(self) -> bool:
        """Whether some of what is wrong can be made anew from the catalogue."""
        return any(fault.repairable for fault in self.faults)

    def count(self, kind: Kind) -> int:
        """How much is lost, doubled or half."""
        return sum(fault.count for fault in self.faults if fault.kind == kind)

    def as_json(self) -> dict[str, Any]:
        """The object that `rag doctor --deep --json` prints."""
        return {
            "ok": self.whole,
            "checked": dict(self.checked),
            **{kind: self.count(kind) for kind in ("lost", "doubled", "half")},
            "faults": [{**asdict(fault), "repairable": fault.repairable} for fault in self.faults],
            "notices": list(self.notices),
        }


@dataclass(slots=True)
class Tally:
    """Collects faults of one kind into one, keeping some examples."""

    checked: dict[str, int] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    _faults: dict[tuple[str, Kind, str, str], tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    def fault(self, part: str, kind: Kind, says: str, example: str, *, remedy: str = REPAIR, count: int = 1) -> None:
        """One more of this fault, or `count` of which one is the example."""
        key = (part, kind, says, remedy)
        before, examples = self._faults.get(key, (0, ()))
        self._faults[key] = before + count, (*examples, example) if len(examples) < _EXAMPLES else examples

    def checks(self, part: str, count: int) -> None:
        """So many more of a part were compared."""
        self.checked[part] = self.checked.get(part, 0) + count

    def proof(self) -> Proof:
        """What was found in all."""
        faults = (
            Fault(part, kind, says, count, examples, remedy)
            for (part, kind, says, remedy), (count, examples) in self._faults.items()
        )
        return Proof(dict(self.checked), tuple(faults), tuple(self.notices))
