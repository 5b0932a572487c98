"""Runs the recorder of docs/recording.md with TRL's trainers and holds its logs against Credence's own scores.

    python recording.py PRIOR --out FOLDER [--credence ../../credence] [--trainers grpo,rloo,online-dpo,dpo] [--steps 3]

For every trainer: a few steps of a small model (PRIOR, a checkpoint folder) on the CPU with the very text of the document's
first block of Python, the policy saved behind the last. Then `credence audit LOG` against `credence audit LOG --prior PRIOR
--policy SAVED` on the same log without its log-probabilities; every figure must agree. Exit code 1 if one does not.
"""

import argparse
import json
import math
import os
import pathlib
import re
import subprocess
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

import datasets
import torch
import transformers
import trl
from trl.experimental import online_dpo

HERE = pathlib.Path(__file__).resolve().parent
PROMPTS = ["<|endoftext|>ROMEO:\n", "<|endoftext|>JULIET:\n"]
NEW = 12
TOLERANCE = 1e-3  # of a figure: single precision against double


def recorder():
    """The class of the document, from the document."""
    text = (HERE / "../../docs/recording.md").read_text(encoding="utf-8")
    names = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1), names)
    return names["Recorder"]


def reward(text):
    """0.5 for each letter e, 1 at most."""
    return min(1.0, 0.5 * text.count("e"))


def rewards(completions, **_):
    return [reward(text) for text in completions]


def common(folder, steps):
    return dict(
        output_dir=str(folder), max_steps=steps, learning_rate=1e-3, per_device_train_batch_size=16, beta=0.1, use_cpu=True,
        bf16=False, gradient_checkpointing=False, save_strategy="no", logging_strategy="no", report_to="none",
        disable_tqdm=True, seed=3,
    )


def trainer(kind, model, tokenizer, folder, steps):
    prompts = datasets.Dataset.from_list([{"prompt": prompt} for prompt in PROMPTS] * 64)
    settings = common(folder, steps)
    if kind == "grpo":
        args = trl.GRPOConfig(**settings, num_generations=8, max_completion_length=NEW)
        return trl.GRPOTrainer(model, rewards, args=args, train_dataset=prompts, processing_class=tokenizer)
    if kind == "rloo":
        args = trl.RLOOConfig(**settings, num_generations=8, max_completion_length=NEW)
        return trl.RLOOTrainer(model, rewards, args=args, train_dataset=prompts, processing_class=tokenizer)
    if kind == "online-dpo":
        args = online_dpo.OnlineDPOConfig(**settings, max_new_tokens=NEW)
        return online_dpo.OnlineDPOTrainer(
            model, reward_funcs=rewards, args=args, train_dataset=prompts, processing_class=tokenizer
        )
    pairs = [
        {"prompt": prompt, "chosen": chosen, "rejected": rejected}
        for prompt in PROMPTS
        for chosen, rejected in (("Sweet queen, here", "O lord, I do"), ("See the feet", "My lord, a sound"))
    ]
    return trl.DPOTrainer(
        model,
        args=trl.DPOConfig(**settings),
        train_dataset=datasets.Dataset.from_list(pairs * 32),
        processing_class=tokenizer,
    )


def audit(credence, *arguments):
    out = subprocess.run([credence, "audit", *map(str, arguments), "--json", "--quiet"], capture_output=True, text=True)
    if out.returncode not in (0, 3):
        sys.exit(f"credence audit {arguments}: {out.stderr}")
    report = json.loads(out.stdout)
    return (report["steps"][-1] if "steps" in report else report)["findings"]


def compare(kind, own, scored):
    """The largest relative difference of an estimate; both must have the same figures."""
    worst = 0.0
    for name, finding in own.items():
        other = scored.get(name, {}).get("estimate")
        estimate = finding.get("estimate")
        if isinstance(estimate, (int, float)) and isinstance(other, (int, float)) and name.split(".")[0] != "khat":
            worst = max(worst, abs(estimate - other) / max(1.0, abs(estimate)))
    for name in ("kl.policy_prior", "kl.prior_policy", "reward.policy"):
        if not isinstance(own[name].get("estimate"), (int, float)):
            worst = math.inf
    kl = own["kl.policy_prior"]
    print(f"{kind:11} kl.policy_prior {kl['estimate']:.4f} [{kl['lower']:.4f}, {kl['upper']:.4f}], largest difference {worst:.1e}")
    return worst


def run(kind, options):
    torch.manual_seed(3)
    folder = pathlib.Path(options.out) / kind
    folder.mkdir(parents=True, exist_ok=True)
    load = lambda: transformers.AutoModelForCausalLM.from_pretrained(options.prior, dtype=torch.float32, local_files_only=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.prior, local_files_only=True)
    tokenizer.pad_token = tokenizer.eos_token
    training = trainer(kind, load(), tokenizer, folder, options.steps)
    log = folder / "rollouts.jsonl"
    training.add_callback(recorder()(load(), tokenizer, PROMPTS, reward, log, every=options.steps, n=options.texts, new=NEW))
    training.train()
    training.model.save_pretrained(folder / "policy")
    tokenizer.save_pretrained(folder / "policy")
    bare = folder / "bare.jsonl"
    with open(log, encoding="utf-8") as records, open(bare, "w", encoding="utf-8") as out:
        for line in records:
            record = json.loads(line)
            if record["step"] == options.steps:
                out.write(json.dumps({k: v for k, v in record.items() if "logp" not in k}) + "\n")
    own = audit(options.credence, log, "--beta", 0.1)
    scored = audit(
        options.credence, bare, "--beta", 0.1, "--step", "last", "--prior", options.prior, "--policy", folder / "policy",
        "--log", folder / "scored.jsonl",
    )
    return compare(kind, own, scored)


def main():
    parser = argparse.ArgumentParser(description="Runs the recorder of docs/recording.md with TRL's trainers.")
    parser.add_argument("prior")
    parser.add_argument("--out", required=True)
    parser.add_argument("--credence", default=str(HERE / "../../credence"))
    parser.add_argument("--trainers", default="grpo,rloo,online-dpo,dpo")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--texts", type=int, default=32, help="texts a prompt and model that are recorded")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    transformers.utils.logging.set_verbosity_error()
    torch.set_num_threads(options.threads)
    sys.exit(0 if max([run(kind, options) for kind in options.trainers.split(",")]) < TOLERANCE else 1)


if __name__ == "__main__":
    main()
