"""A real GGUF file, some hundred kilobytes small, whose model writes what the test says: made with the `gguf` package.

Weights are random; the output layer makes the hidden state of each character point at the next one, so that the text
comes out of the engine's own tokeniser, attention and sampling.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import gguf
import numpy

START = "："
"""The last character of the prompt: what follows it is the answer's first."""
TEMPLATE = (
    "{% for one in messages %}{{ one['role'] }} {{ one['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}" + START + "{% endif %}"
)
_WIDE, _INNER, _HEADS = 64, 128, 2
_SURE = 40.0


def write_gguf(path: Path, text: str, *, endless: bool = False, context: int = 4096) -> None:
    """A model that writes `text` (no character twice) and ends, or with `endless` writes it again and again."""
    if len(set(text)) != len(text) or START in text:
        raise ValueError("a character can have only one successor")
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), START, *text]
    kinds = [
        gguf.TokenType.UNKNOWN,
        gguf.TokenType.CONTROL,
        gguf.TokenType.CONTROL,
        *[gguf.TokenType.BYTE] * 256,
        *[gguf.TokenType.NORMAL] * (len(text) + 1),
    ]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(context)
    writer.add_embedding_length(_WIDE)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDE // _HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)
    rng = numpy.random.default_rng(7)

    def noise(*shape: int, scale: float = 0.02) -> numpy.ndarray:
        return (rng.standard_normal(shape) * scale).astype(numpy.float32)

    embedded = noise(len(tokens), _WIDE, scale=1.0)
    embedded /= numpy.linalg.norm(embedded, axis=1, keepdims=True)
    output = noise(len(tokens), _WIDE)
    chain = [START, *text, text[0] if endless else "</s>"]
    for here, after in pairwise(chain):
        output[tokens.index(after)] = embedded[tokens.index(here)] * _SURE
    one = numpy.ones(_WIDE, numpy.float32)
    writer.add_tensor("token_embd.weight", embedded)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", one)
    writer.add_tensor("blk.0.attn_norm.weight", one)
    writer.add_tensor("blk.0.ffn_norm.weight", one)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"blk.0.{name}.weight", noise(_WIDE, _WIDE))
    writer.add_tensor("blk.0.ffn_gate.weight", noise(_INNER, _WIDE))
    writer.add_tensor("blk.0.ffn_up.weight", noise(_INNER, _WIDE))
    writer.add_tensor("blk.0.ffn_down.weight", noise(_WIDE, _INNER))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
