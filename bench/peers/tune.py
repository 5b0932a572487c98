"""Tunes policies of the plays' prior with TRL, as the four of the cases were tuned, and writes a log of each.

    python tune.py PRIOR --out FOLDER [--policies rloo-beta0.2,grpo-beta0.04] [--steps 100] [--texts 1000] [--threads 2]

For every policy: FOLDER/NAME, a checkpoint, and FOLDER/NAME.jsonl, so many texts a prompt of prior and policy, scored under
both (float64 log-softmax of float32 logits). Eight prompts, 8 completions each a step of at most 24 tokens, one update, the
rate constant at 1e-4, reward warmth; temperature 1, nothing truncated. A policy that is there already is only drawn from.
"""

import argparse
import json
import os
import pathlib
import time

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

import datasets
import torch
import transformers
import trl

from trl_methods import warmth

SPEAKERS = "ROMEO,JULIET,GLOUCESTER,MENENIUS,PETRUCHIO,ISABELLA,KING RICHARD III,LEONTES".split(",")
PROMPTS = [f"<|endoftext|>{speaker}:\n" for speaker in SPEAKERS]
NEW = 24
SAMPLES = 8
SEEDS = {"rloo-beta0.2": 11, "grpo-beta0.04": 12}


def load(folder):
    return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)


def settings(name, folder, steps):
    return dict(
        output_dir=str(folder), max_steps=steps, learning_rate=1e-4, lr_scheduler_type="constant", weight_decay=0.0,
        per_device_train_batch_size=SAMPLES * len(PROMPTS), num_generations=SAMPLES, max_completion_length=NEW,
        beta=float(name.split("beta")[1]), use_cpu=True, bf16=False, gradient_checkpointing=False, save_strategy="no",
        logging_strategy="no", report_to="none", disable_tqdm=True, seed=SEEDS[name], shuffle_dataset=False,
    )


def train(name, prior, folder, steps):
    tokenizer = transformers.AutoTokenizer.from_pretrained(prior, local_files_only=True)
    tokenizer.pad_token = tokenizer.eos_token
    rows = datasets.Dataset.from_list([{"prompt": prompt} for prompt in PROMPTS] * 64)
    fields = settings(name, folder, steps)
    if name.startswith("rloo"):
        config, kind = trl.RLOOConfig(**fields), trl.RLOOTrainer
    else:
        config, kind = trl.GRPOConfig(**fields, loss_type="grpo"), trl.GRPOTrainer
    began = time.perf_counter()
    trainer = kind(load(prior), warmth, args=config, train_dataset=rows, processing_class=tokenizer)
    trainer.train()
    trainer.model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    print(f"{name}: {steps} steps in {time.perf_counter() - began:.0f} s", flush=True)


@torch.inference_mode()
def logps(model, given, rows):
    """Sums over each row up to its first end token, which is included. Right of it nothing is seen by what is left."""
    whole = torch.cat([torch.tensor([given] * len(rows)), rows], dim=1)
    picked = model(whole).logits[:, len(given) - 1 : -1].double().log_softmax(-1).gather(2, rows[:, :, None])[:, :, 0]
    ends = rows == 0
    return (picked * (ends.cumsum(1) - ends.long() == 0)).sum(1).tolist()


@torch.inference_mode()
def draw(name, prior, policy, tokenizer, out, texts):
    torch.manual_seed(SEEDS[name] + 100)
    with open(out, "w", encoding="utf-8") as file:
        for prompt in PROMPTS:
            given = tokenizer(prompt)["input_ids"]
            for source, drawer in (("prior", prior), ("policy", policy)):
                rows = drawer.generate(
                    torch.tensor([given]), do_sample=True, temperature=1.0, top_k=0, top_p=1.0, max_new_tokens=NEW,
                    num_return_sequences=texts, eos_token_id=0, pad_token_id=0,
                )[:, len(given) :]
                scores = zip(logps(prior, given, rows), logps(policy, given, rows))
                for row, (before, after) in zip(rows.tolist(), scores):
                    finished = 0 in row
                    ids = row[: row.index(0) + 1] if finished else row
                    text = tokenizer.decode(ids[:-1] if finished else ids)
                    file.write(json.dumps({
                        "prompt": prompt.removeprefix("<|endoftext|>"), "completion": text, "reward": warmth([text])[0],
                        "logp_prior": before, "logp_policy": after, "tokens": len(ids), "ids": ids, "finished": finished,
                        "source": source,
                    }) + "\n")


def main():
    parser = argparse.ArgumentParser(description="Tunes policies of the plays' prior with TRL and writes a log of each.")
    parser.add_argument("prior")
    parser.add_argument("--out", required=True)
    parser.add_argument("--policies", default=",".join(SEEDS))
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--texts", type=int, default=1000, help="texts a prompt and model in the log")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    transformers.utils.logging.set_verbosity_error()
    for name in options.policies.split(","):
        if name not in SEEDS:
            parser.error(f"--policies: {name} is none of {', '.join(SEEDS)}")
        folder = pathlib.Path(options.out) / name
        if not (folder / "model.safetensors").exists():
            train(name, options.prior, folder, options.steps)
        tokenizer = transformers.AutoTokenizer.from_pretrained(options.prior, local_files_only=True)
        models = load(options.prior).eval(), load(folder).eval()
        draw(name, *models, tokenizer, folder.parent / f"{name}.jsonl", options.texts)


if __name__ == "__main__":
    main()
