"""Dumps of trainers by the trainers' own code, and their audits.

    python dumps.py trl|verl|openrlhf --prior PRIOR --policy POLICY --out FOLDER [--credence ../../credence] [--texts 120]

Texts are drawn from POLICY (the checkpoint folders of the letters) and written by the tool's own writer:

trl       GRPO with log_completions and a reward that logs columns of its own, two steps; the policy is what it saves.
verl      `_log_rollout_data`, `_dump_generations` and `_write_generations` of RayPPOTrainer, taken out of the installed
          package's source and run on a batch of tensors, since importing them needs ray and a GPU's libraries:
          pip install --no-deps -r requirements-dumps.txt
openrlhf  `batch_generate_vllm` of the same kind, with a stand-in for vLLM that draws by transformers. Batch inference is
          in OpenRLHF 0.8, no longer in 0.10 and 0.11: the same requirements

Then `credence audit` reads them. Exit code 1 where it does not end in a report of as many policy texts as were written.
"""

import argparse
import ast
import collections
import contextlib
import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import types

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

import torch
import transformers

PROMPTS = ["t", "s", "ha"]
NEW = 5


def vowels(text):
    return 0.5 * sum(text.count(vowel) for vowel in "aeiou")


def load(folder):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    tokenizer.pad_token = tokenizer.eos_token
    return model, tokenizer


@torch.inference_mode()
def drawn(model, tokenizer, prompt, texts):
    """(ids of the prompt, rows of ids behind it, padded with the end)"""
    given = tokenizer(prompt)["input_ids"]
    rows = model.generate(
        torch.tensor([given]), do_sample=True, temperature=1.0, top_k=0, top_p=1.0, max_new_tokens=NEW,
        num_return_sequences=texts, pad_token_id=tokenizer.eos_token_id,
    )[:, len(given) :]
    return given, torch.nn.functional.pad(rows, (0, NEW - rows.size(1)), value=tokenizer.eos_token_id)


def functions(package, file, names, scope):
    """Functions of an installed package, by name, without importing it: their source is run in `scope`."""
    found = [f for f in importlib.metadata.files(package) or [] if str(f).endswith(file)]
    if not found:
        sys.exit(f"{package} {importlib.metadata.version(package)} has no {file}")
    tree = ast.parse(found[0].locate().read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            node.decorator_list = []
            node.returns = None
            for argument in node.args.args:
                argument.annotation = None
            exec(compile(ast.Module([node], []), file, "exec"), scope)
    return [scope[name] for name in names]


def by_verl(options, out):
    from concurrent.futures import ThreadPoolExecutor

    model, tokenizer = load(options.policy)
    prompts, responses, scores = [], [], []
    for prompt in PROMPTS:
        given, rows = drawn(model, tokenizer, tokenizer.eos_token + prompt, options.texts // len(PROMPTS))
        for row in rows.tolist():
            prompts.append([tokenizer.eos_token_id] * (4 - len(given)) + given)  # verl pads prompts on the left
            responses.append(row)
            scores.append([0.0] * (NEW - 1) + [vowels(tokenizer.decode(row, skip_special_tokens=True))])
    scope = {"os": os, "json": json, "ThreadPoolExecutor": ThreadPoolExecutor}
    scope["marked_timer"] = lambda *_, **__: contextlib.nullcontext()
    names = ["_init_dump_executor", "_shutdown_dump_executor", "_write_generations", "_dump_generations", "_log_rollout_data"]
    begin, end, write, dump, log = functions("verl", "trainer/ppo/ray_trainer.py", names, scope)

    class Batch:
        batch = {name: torch.tensor(value) for name, value in
                 (("prompts", prompts), ("responses", responses), ("token_level_scores", scores))}
        non_tensor_batch = {}

        def __iter__(self):
            return iter([types.SimpleNamespace(non_tensor_batch={"reward_model": {"ground_truth": None}})] * len(prompts))

    trainer = types.SimpleNamespace(tokenizer=tokenizer, global_steps=200, _write_generations=write)
    trainer._dump_generations = lambda **named: dump(trainer, **named)
    begin(trainer)
    log(trainer, Batch(), {"vowels": torch.tensor(scores).sum(1)}, {}, str(out))
    end(trainer)
    return ["verl", "--bos", "yes"], options.policy  # the prompts' begin token is not written down


def by_openrlhf(options, out):
    import jsonlines

    model, tokenizer = load(options.policy)
    out.mkdir(parents=True, exist_ok=True)

    class LLM:
        """What batch_generate_vllm asks of vLLM's: texts that keep their special tokens."""

        def __init__(self, **_):
            pass

        def generate(self, prompts, _):
            counts = collections.Counter(prompts)
            answers = []
            for prompt, n in counts.items():
                for row in drawn(model, tokenizer, prompt, n)[1].tolist():
                    end = tokenizer.eos_token_id
                    text = tokenizer.decode(row[: row.index(end) + 1] if end in row else row)
                    answers.append(types.SimpleNamespace(prompt=prompt, outputs=[types.SimpleNamespace(text=text)]))
            return answers

    vllm = types.ModuleType("vllm")
    vllm.LLM, vllm.SamplingParams = LLM, lambda **_: None
    sys.modules["vllm"] = vllm

    class Prompts(list):
        def select(self, which):
            return Prompts(self[i] for i in which)

    rows = Prompts(tokenizer.eos_token + prompt for prompt in PROMPTS)
    scope = {
        "jsonlines": jsonlines, "os": os, "AutoTokenizer": types.SimpleNamespace(from_pretrained=lambda *_, **__: tokenizer),
        "blending_datasets": lambda *_, **__: rows, "PromptDataset": lambda data, *_, **__: [("", prompt, "") for prompt in data],
    }
    (write,) = functions("openrlhf", "cli/batch_inference.py", ["batch_generate_vllm"], scope)
    asked = collections.defaultdict(lambda: None, max_samples=len(rows), best_of_n=options.texts // len(PROMPTS))
    asked["output_path"] = str(out / "drawn.jsonl")

    class Asked:
        def __getattr__(self, name):
            return asked[name]

    write(Asked())
    return ["openrlhf", "--reward", "0.5*count:[aeiou]"], options.policy


def by_trl(options, out):
    import datasets
    import trl

    def counted(completions, log_extra=None, **_):
        found = [vowels(text) for text in completions]
        log_extra("letters", [len(text) for text in completions])
        log_extra("first", [text[:1] for text in completions])
        return found

    model, tokenizer = load(options.policy)
    config = trl.GRPOConfig(
        output_dir=str(out), max_steps=2, per_device_train_batch_size=options.texts // 3 * 3, num_generations=options.texts // 3,
        max_completion_length=NEW, beta=0.5, learning_rate=1e-4, use_cpu=True, bf16=False, gradient_checkpointing=False,
        log_completions=True, logging_steps=1, save_strategy="no", report_to="none", disable_tqdm=True, seed=1,
    )
    rows = datasets.Dataset.from_list([{"prompt": tokenizer.eos_token + prompt} for prompt in PROMPTS] * 8)
    trainer = trl.GRPOTrainer(model, counted, args=config, train_dataset=rows, processing_class=tokenizer)
    trainer.train()
    return ["trl", "--step", "1", "--field", "reward=counted"], options.policy  # step 1's texts: of no update


def main():
    parser = argparse.ArgumentParser(description="Dumps of trainers by the trainers' own code, and their audits.")
    parser.add_argument("tool", choices=["trl", "verl", "openrlhf"])
    parser.add_argument("--prior", required=True)
    parser.add_argument("--policy", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--credence", default=str(pathlib.Path(__file__).resolve().parent / "../../credence"))
    parser.add_argument("--texts", type=int, default=120)
    options = parser.parse_args()
    transformers.utils.logging.set_verbosity_error()
    torch.manual_seed(1)
    torch.set_num_threads(2)
    out = pathlib.Path(options.out)
    (form, *more), policy = {"trl": by_trl, "verl": by_verl, "openrlhf": by_openrlhf}[options.tool](options, out)
    if "--reward" not in more:
        more += ["--reward", "0.5*count:[aeiou]"]
    dump = out / "completions" if form == "trl" else out
    command = [
        options.credence, "audit", str(dump), "--format", form, *more, "--prior", options.prior, "--policy", policy,
        "--beta", "0.5", "--log", str(out / "completed.log.jsonl"), "--json", "--quiet",
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    print(run.stderr, end="")
    if run.returncode not in (0, 3):
        sys.exit(1)
    report = json.loads(run.stdout)
    findings = (report["steps"][-1] if "steps" in report else report)["findings"]
    for name in ("kl.policy_prior", "kl.departure", "bayes_fraction"):
        print(name, *(findings[name].get(end) for end in ("estimate", "lower", "upper")))
    with open(out / "completed.log.jsonl", encoding="utf-8") as lines:
        texts = sum(json.loads(line)["source"] == "policy" for line in lines)
    print(f"{texts} policy texts")
    if texts != options.texts // len(PROMPTS) * len(PROMPTS):
        sys.exit(1)


if __name__ == "__main__":
    main()
