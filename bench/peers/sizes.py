"""Writes checkpoint folders of real shapes with random weights, for `bench torch --sizes`.

    python sizes.py FOLDER [--only gpt2-124m-fp32,qwen2-0.5b-bf16,qwen2-7b-bf16]

Time and memory depend on the shape alone. Without --only the first two are written: 0.5 and 1.0 GB. The third takes 15 GB of disk, and is
written a shard a block.
"""

import argparse
import json
import pathlib

import torch
from safetensors.torch import save_file

DEVIATION = 0.02


def random(dtype, *shape):
    return (torch.randn(*shape) * DEVIATION).to(dtype)


def gpt2(dtype, layers, width, vocabulary, context):
    yield "", {"wte.weight": random(dtype, vocabulary, width), "wpe.weight": random(dtype, context, width)}
    for layer in range(layers):
        block = {}
        for norm in ("ln_1", "ln_2"):
            block[norm + ".weight"] = torch.ones(width, dtype=dtype)
            block[norm + ".bias"] = torch.zeros(width, dtype=dtype)
        shapes = {"attn.c_attn": (1, 3), "attn.c_proj": (1, 1), "mlp.c_fc": (1, 4), "mlp.c_proj": (4, 1)}
        for name, (rows, columns) in shapes.items():
            block[name + ".weight"] = random(dtype, rows * width, columns * width)
            block[name + ".bias"] = torch.zeros(columns * width, dtype=dtype)
        yield f"h.{layer}.", block
    yield "", {"ln_f.weight": torch.ones(width, dtype=dtype), "ln_f.bias": torch.zeros(width, dtype=dtype)}


def qwen2(dtype, layers, width, inner, heads, shared, head, vocabulary, tied):
    yield "model.", {"embed_tokens.weight": random(dtype, vocabulary, width)}
    for layer in range(layers):
        block = {
            "input_layernorm.weight": torch.ones(width, dtype=dtype),
            "post_attention_layernorm.weight": torch.ones(width, dtype=dtype),
            "self_attn.o_proj.weight": random(dtype, width, heads * head),
            "mlp.gate_proj.weight": random(dtype, inner, width),
            "mlp.up_proj.weight": random(dtype, inner, width),
            "mlp.down_proj.weight": random(dtype, width, inner),
        }
        for name, rows in (("q", heads), ("k", shared), ("v", shared)):
            block[f"self_attn.{name}_proj.weight"] = random(dtype, rows * head, width)
            block[f"self_attn.{name}_proj.bias"] = torch.zeros(rows * head, dtype=dtype)
        yield f"model.layers.{layer}.", block
    yield "model.", {"norm.weight": torch.ones(width, dtype=dtype)}
    if not tied:
        yield "", {"lm_head.weight": random(dtype, vocabulary, width)}


def qwen2_config(layers, width, inner, heads, shared, head, vocabulary, tied):
    return {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": width, "intermediate_size": inner,
        "num_hidden_layers": layers, "num_attention_heads": heads, "num_key_value_heads": shared,
        "vocab_size": vocabulary, "max_position_embeddings": 32768, "max_window_layers": layers, "rms_norm_eps": 1e-6,
        "rope_theta": 1000000.0, "hidden_act": "silu", "tie_word_embeddings": tied, "bos_token_id": 0,
        "eos_token_id": 0, "use_sliding_window": False,
    }


def gpt2_config(layers, width, vocabulary, context):
    return {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": width, "n_layer": layers,
        "n_head": width // 64, "vocab_size": vocabulary, "n_positions": context, "n_ctx": context,
        "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "bos_token_id": 0, "eos_token_id": 0,
    }


SMALL = (24, 896, 4864, 14, 2, 64, 151936, True)
LARGE = (28, 3584, 18944, 28, 4, 128, 152064, False)
MEDIUM = (12, 768, 50257, 1024)
MODELS = {
    "gpt2-124m-fp32": (torch.float32, lambda dtype: gpt2(dtype, *MEDIUM), gpt2_config(*MEDIUM)),
    "qwen2-0.5b-bf16": (torch.bfloat16, lambda dtype: qwen2(dtype, *SMALL), qwen2_config(*SMALL)),
    "qwen2-7b-bf16": (torch.bfloat16, lambda dtype: qwen2(dtype, *LARGE), qwen2_config(*LARGE)),
}


def write(folder, dtype, blocks, config):
    folder.mkdir(parents=True, exist_ok=True)
    shards = {}
    total = 0
    for number, (prefix, block) in enumerate(blocks(dtype)):
        shard = f"model-{number + 1:05d}.safetensors"
        tensors = {prefix + name: tensor for name, tensor in block.items()}
        save_file(tensors, folder / shard, metadata={"format": "pt"})
        shards.update(dict.fromkeys(tensors, shard))
        total += sum(tensor.nbytes for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": shards}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    (folder / "config.json").write_text(json.dumps({**config, "dtype": str(dtype).split(".")[1]}))


def main():
    parser = argparse.ArgumentParser(description="Writes checkpoint folders of real shapes with random weights.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="gpt2-124m-fp32,qwen2-0.5b-bf16")
    options = parser.parse_args()
    torch.manual_seed(1)
    for name in options.only.split(","):
        write(options.folder / name, *MODELS[name])


if __name__ == "__main__":
    main()
