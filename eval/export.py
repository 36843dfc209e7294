"""The bundled weights in float32, for onnxruntime and for sentence-transformers: the yardstick of `eval.embedding`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag import e5, e5_convert, e5_format

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_MODULES = ("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")


def export_float(folder: Path) -> None:
    """Writes the float32 graph and the tokenizer, for `rag.e5.E5(folder)`."""
    packed = e5_format.read(e5.source())
    folder.mkdir(parents=True)
    model = e5_convert.reference(packed)
    e5_convert.write(model, folder)
    (folder / e5_convert.TOKENS).write_bytes(e5_format.tokens(packed))


def export_transformers(folder: Path) -> None:
    """Writes a folder that sentence-transformers opens; needs `safetensors` and `tokenizers`, which come with it."""
    from safetensors.numpy import save_file  # type: ignore[import-not-found,unused-ignore]

    packed = e5_format.read(e5.source())
    folder.mkdir(parents=True)
    save_file(_state(packed), folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(packed, folder / "tokenizer.json")
    _write(folder / "config.json", {
        "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu",
        "hidden_size": packed.hidden, "num_hidden_layers": packed.layers, "num_attention_heads": packed.heads,
        "intermediate_size": packed.inner, "vocab_size": packed.vocabulary, "type_vocab_size": 2,
        "max_position_embeddings": packed.positions, "layer_norm_eps": packed.epsilon, "pad_token_id": 1,
    })  # fmt: skip
    _write(folder / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": packed.positions,
        "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>",
    })  # fmt: skip
    _write(folder / "sentence_bert_config.json", {"max_seq_length": packed.positions, "do_lower_case": False})
    _write(folder / "1_Pooling" / "config.json", {
        "word_embedding_dimension": packed.hidden, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False,
    })  # fmt: skip
    _write(folder / "modules.json", [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (kind, path) in enumerate(_MODULES)
    ])  # fmt: skip
    (folder / "2_Normalize").mkdir()


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content), "utf-8")


def _state(packed: e5_format.Packed) -> dict[str, NDArray[np.float32]]:
    """The tensors under BertModel's names; its pooler, which is not used, is zero."""
    hidden = packed.hidden
    state: dict[str, NDArray[np.float32]] = {
        f"embeddings.{theirs}_embeddings.weight": packed.floats(f"emb.{ours}").reshape(-1, hidden)
        for theirs, ours in (("word", "word"), ("position", "pos"), ("token_type", "type"))
    }
    state["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    state["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    names = {"emb.ln": "embeddings.LayerNorm"}
    for layer in range(packed.layers):
        names |= {f"l{layer}.{ours}": f"encoder.layer.{layer}.{theirs}" for ours, theirs in _LAYER.items()}
    for ours, theirs in names.items():
        norm = ours.endswith("ln")
        weight = packed.floats(f"{ours}.w") if norm else np.ascontiguousarray(packed.matrix(ours).T)
        state[f"{theirs}.weight"], state[f"{theirs}.bias"] = weight, packed.floats(f"{ours}.b")
    return state


def _tokenizer(packed: e5_format.Packed, path: Path) -> None:
    from sentencepiece import SentencePieceNormalizer
    from sentencepiece import sentencepiece_model_pb2 as formats
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    model = formats.ModelProto()  # type: ignore[attr-defined]
    model.ParseFromString(SentencePieceNormalizer(rule_name="nmt_nfkc").serialized_model_proto())
    begin, _, end, unknown = packed.special
    scores = [float(score) for score in packed.scores]
    tokenizer = Tokenizer(models.Unigram(list(zip(packed.pieces, scores, strict=True)), unk_id=unknown))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap),
        normalizers.Replace(Regex(" {2,}"), " "),
    ])  # fmt: skip
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", begin), ("</s>", end)]
    )
    tokenizer.add_special_tokens([packed.pieces[number] for number in packed.special])
    tokenizer.save(str(path))
