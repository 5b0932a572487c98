"""Writes the checkpoint folders of sizes.py as GGUF files beside their weights, for llama.cpp in `bench torch --sizes`.

    python sizes_gguf.py FOLDER/gpt2-124m-fp32 f32
    python sizes_gguf.py FOLDER/qwen2-0.5b-bf16 bf16 q8_0

Matrices are in the type that is named, all else in 32 bits. Tokens have made-up texts, since nothing is written or read as text. It needs
gguf and numpy (requirements-llama.txt).
"""

import argparse
import json
import pathlib

import gguf
import numpy

KINDS = {kind.name.lower(): kind for kind in (gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.BF16, gguf.GGMLQuantizationType.Q8_0)}
GPT2 = {
    "wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "ln_1": "attn_norm", "ln_2": "ffn_norm", "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
}
QWEN2 = {
    "embed_tokens": "token_embd", "norm": "output_norm", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "lm_head": "output",
}


def stored(folder):
    """Names and numbers of all tensors, one shard after the other; bfloat16 widened, which changes none."""
    for file in sorted(folder.glob("*.safetensors")):
        size = int.from_bytes(file.open("rb").read(8), "little")
        with file.open("rb") as opened:
            opened.seek(8)
            header = json.loads(opened.read(size))
        header.pop("__metadata__", None)
        numbers = numpy.memmap(file, mode="r", offset=8 + size)
        for name, about in header.items():
            first, last = about["data_offsets"]
            raw = numbers[first:last]
            if about["dtype"] == "BF16":
                wide = (raw.view(numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)
            else:
                wide = raw.view({"F32": numpy.float32, "F16": numpy.float16}[about["dtype"]]).astype(numpy.float32)
            yield name, wide.reshape(about["shape"])


def renamed(name, names):
    """Where llama.cpp looks for a tensor, and whether it is stored (in, out)."""
    parts = name.removeprefix("transformer.").removeprefix("model.").split(".")
    block = parts[1] if parts[0] in ("h", "layers") else None
    own = ".".join(parts[2:-1] if block else parts[:-1])
    where = names[own] + "." + parts[-1]
    return (f"blk.{block}.{where}" if block else where), ".c_" in own and parts[-1] == "weight"


def describe(writer, config):
    """Sizes and switches; the names of the tensors."""
    if config["model_type"] == "gpt2":
        writer.add_block_count(config["n_layer"])
        writer.add_context_length(config["n_positions"])
        writer.add_embedding_length(config["n_embd"])
        writer.add_feed_forward_length(4 * config["n_embd"])
        writer.add_head_count(config["n_head"])
        writer.add_layer_norm_eps(config["layer_norm_epsilon"])
        return GPT2
    heads = config["num_attention_heads"]
    head = config["hidden_size"] // heads
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    return QWEN2


def write(folder, kind):
    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(folder / f"{kind}.gguf", config["model_type"])
    names = describe(writer, config)
    count = config["vocab_size"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2" if config["model_type"] == "gpt2" else "qwen2")
    writer.add_token_list([f"token{number}" for number in range(count)])
    writer.add_token_types([gguf.TokenType.CONTROL] + [gguf.TokenType.NORMAL] * (count - 1))
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(False)
    for name, numbers in stored(folder):
        where, is_columns = renamed(name, names)
        numbers = numpy.ascontiguousarray(numbers.T if is_columns else numbers)
        own = KINDS[kind] if numbers.ndim == 2 and not where.startswith("position") else KINDS["f32"]
        writer.add_tensor(where, numbers if own == KINDS["f32"] else gguf.quants.quantize(numbers, own), raw_dtype=own)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description="Writes GGUF files of checkpoints of random weights.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("kinds", nargs="+", choices=sorted(KINDS))
    options = parser.parse_args()
    for kind in options.kinds:
        write(options.folder, kind)


if __name__ == "__main__":
    main()
