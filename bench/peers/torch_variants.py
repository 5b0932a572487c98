"""Tiny random models and adapters with settings that change what a model computes, and what transformers and peft compute.

    python torch_variants.py FOLDER

writes for each family one set of weights, `FAMILY/model.safetensors`, adapters in `adapters/NAME`, and `expected.json`: of
each variant its family and config.json, and the log-probability of each token of one sequence, in float64 from the stored
float32 weights. The module `hub` keeps the output as a test fixture (VariantsTest).
"""

import copy
import json
import pathlib
import sys

import peft
import safetensors.torch
import torch
import transformers

LENGTH = 40
VOCABULARY = 24
SHARED = {"vocab_size": VOCABULARY, "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": None}
LLAMA = {
    **SHARED,
    "model_type": "llama",
    "hidden_size": 16,
    "intermediate_size": 20,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "max_position_embeddings": 64,
    "rope_theta": 100.0,
    "hidden_act": "silu",
}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "beta_fast": 2.0, "beta_slow": 0.25}
LLAMA_VARIANTS = {
    "linear": {"rope_scaling": {"type": "linear", "factor": 4.0}},
    "dynamic": {"rope_scaling": {"rope_type": "dynamic", "factor": 4.0}},
    "llama3": {
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 16,
        }
    },
    "yarn": {"rope_scaling": YARN},
    "yarn-defaults": {"rope_scaling": {"type": "yarn", "factor": 2.0}},
    "yarn-untruncated": {"rope_scaling": {**YARN, "truncate": False, "attention_factor": 1.5}},
    "yarn-mscale": {"rope_scaling": {**YARN, "mscale": 1.0, "mscale_all_dim": 0.5}},
    "yarn-otherwise-long": {"rope_scaling": {**YARN, "factor": 3.0}},
    "yarn-new-keys": {"rope_theta": None, "rope_parameters": {**YARN, "rope_theta": 50.0}},
    "tied": {"tie_word_embeddings": True},
}
QWEN3 = {**LLAMA, "model_type": "qwen3"}
QWEN3_VARIANTS = {
    "yarn": {"rope_scaling": YARN},
    "window-as-long-as-the-context": {"use_sliding_window": True, "sliding_window": 64, "max_window_layers": 0},
    "window-in-no-layer": {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 2},
    "window-off": {"use_sliding_window": False, "sliding_window": 4},
}
NEOX = {
    **SHARED,
    "model_type": "gpt_neox",
    "hidden_size": 16,
    "intermediate_size": 20,
    "num_hidden_layers": 2,
    "num_attention_heads": 1,
    "max_position_embeddings": 64,
    "rotary_emb_base": 100,
    "rotary_pct": 0.5,
    "hidden_act": "gelu",
}
NEOX_VARIANTS = {
    "yarn": {"rope_scaling": YARN},
    "linear": {"rope_scaling": {"type": "linear", "factor": 4.0}},
    "sequential": {"use_parallel_residual": False},
}
GPT2 = {
    **SHARED,
    "model_type": "gpt2",
    "n_embd": 16,
    "n_head": 2,
    "n_layer": 2,
    "n_positions": 64,
    "activation_function": "gelu_new",
}
GPT2_VARIANTS = {
    "by-layer": {"scale_attn_by_inverse_layer_idx": True},
    "unscaled": {"scale_attn_weights": False},
    "by-layer-alone": {"scale_attn_weights": False, "scale_attn_by_inverse_layer_idx": True},
    "upcast": {"reorder_and_upcast_attn": True, "scale_attn_by_inverse_layer_idx": True},
}
FAMILIES = {
    "llama": (LLAMA, LLAMA_VARIANTS),
    "qwen3": (QWEN3, QWEN3_VARIANTS),
    "gpt_neox": (NEOX, NEOX_VARIANTS),
    "gpt2": (GPT2, GPT2_VARIANTS),
}
LORA = {"r": 2, "lora_alpha": 6, "init_lora_weights": False, "task_type": "CAUSAL_LM"}
ADAPTERS = {  # base: a variant of llama; tokens: how many more
    "head": ("", {"target_modules": ["lm_head"]}, 0),
    "head-tied": ("tied", {"target_modules": ["lm_head", "v_proj"], "use_rslora": True}, 0),
    "embedding": ("", {"target_modules": ["embed_tokens"]}, 0),
    "embedding-tied": ("tied", {"target_modules": ["embed_tokens", "q_proj"]}, 0),
    "both-tied": ("tied", {"target_modules": ["embed_tokens", "lm_head"]}, 0),
    "saved-head": ("", {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"]}, 0),
    "saved-head-tied": ("tied", {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"]}, 0),
    "saved-embedding-tied": ("tied", {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens"]}, 0),
    "saved-norm": ("", {"target_modules": ["down_proj"], "modules_to_save": ["input_layernorm", "norm"]}, 0),
    "resized": ("", {"target_modules": ["q_proj"]}, 3),
    "resized-tied": ("tied", {"target_modules": ["q_proj"]}, 3),
    "resized-and-saved": ("", {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens", "lm_head"]}, 3),
}


def config(values):
    values = {key: value for key, value in copy.deepcopy(values).items() if value is not None}
    return transformers.AutoConfig.for_model(**values)


def model(values, weights):
    made = transformers.AutoModelForCausalLM.from_config(config(values), attn_implementation="eager").eval()
    missing, unexpected = made.load_state_dict(weights, strict=False)
    if unexpected or [name for name in missing if name != "lm_head.weight"]:
        raise ValueError(f"{missing} {unexpected}")
    made.tie_weights()
    return made


def random(made, seed):
    generator = torch.Generator().manual_seed(seed)
    for name, weight in made.named_parameters():
        is_norm = "norm" in name or "ln_" in name
        centre = 1.0 if is_norm and weight.dim() == 1 and not name.endswith("bias") else 0.0
        weight.data = centre + 0.4 * torch.randn(weight.shape, generator=generator)


def token_logp(made, ids):
    """In float64, but where the library computes the scores in float32."""
    made = made.float() if getattr(made.config, "reorder_and_upcast_attn", False) else made.double()
    with torch.no_grad():
        logits = made(torch.tensor([ids])).logits[0].log_softmax(-1)
    return [round(float(logits[i, ids[i + 1]]), 9) for i in range(len(ids) - 1)]


def main(folder):
    ids = torch.randint(0, VOCABULARY, (LENGTH,), generator=torch.Generator().manual_seed(1)).tolist()
    made_with = f"transformers {transformers.__version__}, peft {peft.__version__}, torch {torch.__version__}"
    expected = {"computed_with": made_with, "ids": ids, "models": [], "adapters": []}
    for family, (shared, variants) in FAMILIES.items():
        base = transformers.AutoModelForCausalLM.from_config(config(shared))
        random(base, 2)
        weights = {name: weight.clone() for name, weight in base.state_dict().items()}
        if family == "gpt2":
            del weights["lm_head.weight"]
        into = folder / family
        into.mkdir(parents=True, exist_ok=True)
        if family == "gpt_neox":  # the library's name within is not that of its files
            weights = {name.replace("lm_head", "embed_out"): weight for name, weight in weights.items()}
        safetensors.torch.save_file(weights, into / "model.safetensors", metadata={"format": "pt"})
        for name, changes in {"": {}, **variants}.items():
            own = {name.replace("embed_out", "lm_head"): weight for name, weight in weights.items()}
            if changes.get("tie_word_embeddings"):
                own.pop("lm_head.weight")
            values = {key: value for key, value in {**shared, **changes}.items() if value is not None}
            expected["models"].append(
                {"family": family, "variant": name, "config": values, "token_logp": token_logp(model(values, own), ids)}
            )
        if family == "llama":
            adapters(folder, shared, weights, ids, expected)
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def adapters(folder, shared, weights, ids, expected):
    for seed, (name, (variant, settings, tokens)) in enumerate(ADAPTERS.items()):
        own = dict(weights)
        values = {**shared, **LLAMA_VARIANTS.get(variant, {})}
        if variant == "tied":
            own.pop("lm_head.weight")
        base = model(values, own)
        longer = list(ids)
        if tokens:
            base.resize_token_embeddings(VOCABULARY + tokens, mean_resizing=False)
            generator = torch.Generator().manual_seed(50)
            for table in {base.get_input_embeddings().weight, base.get_output_embeddings().weight}:
                table.data[VOCABULARY:] = 0.5 * torch.randn((tokens, table.shape[1]), generator=generator)
            longer = ids[:20] + [VOCABULARY, VOCABULARY + 2] + ids[20:30]
        tuned = peft.get_peft_model(base, peft.LoraConfig(**LORA, **settings))
        generator = torch.Generator().manual_seed(100 + seed)
        for parameter in tuned.parameters():
            if parameter.requires_grad:
                parameter.data += 0.3 * torch.randn(parameter.shape, generator=generator)
        tuned.save_pretrained(folder / "adapters" / name, save_embedding_layers=True if tokens else "auto")
        (folder / "adapters" / name / "README.md").unlink(missing_ok=True)
        expected["adapters"].append(
            {"name": name, "variant": variant, "ids": longer, "token_logp": token_logp(tuned.eval(), longer)}
        )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
