"""Steps of TRL's RLOO and DPO trainers, one for every line of input, as torch_peer.py's peers work turn by turn.

    python trl_methods.py MODEL --method rloo --prompts PROMPTS.json --reward vowels|warmth --beta 0.5 --samples 16 [...]

PROMPTS.json is a list of texts, which get the end token in front. An empty line asks for a step and is answered by
{"seconds": ..., "reward": ...}; a line with a folder's name saves the policy there, untimed. The clock runs from
on_step_begin to on_step_end: drawing, scoring, rewards, backward, AdamW; logging and saving are outside.

RLOO draws `--samples` completions of every prompt a step. DPO learns from pairs drawn from the model before the clock
starts (`--pairs` a prompt, preferred with probability sigma(difference of rewards)), `--samples` / 2 pairs a prompt a step.
Single precision, no gradient checkpointing, no dropout, one update a batch. TRL's defaults else.
"""

import json
import math
import os
import re
import sys
import tempfile
import time

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"

import datasets
import torch
import transformers
import trl

from torch_peer import arguments, load

WARM = set("love sweet good dear gentle joy fair kind noble grace happy friend peace heaven".split())


def vowels(completions, **_):
    """0.5 for each vowel."""
    return [0.5 * sum(text.count(vowel) for vowel in "aeiou") for text in completions]


def warmth(completions, **_):
    """0.5 for each warm word, 1 at most."""
    return [min(1.0, 0.5 * sum(word in WARM for word in re.findall("[a-z']+", text.lower()))) for text in completions]


REWARDS = {"vowels": vowels, "warmth": warmth}


class Turns(transformers.TrainerCallback):
    """Waits for a line before every step and answers it after the step."""

    def __init__(self, trainer, warm_up):
        self.trainer = trainer
        self.warm_up = warm_up
        self.began = 0.0

    def on_step_begin(self, args, state, control, model=None, processing_class=None, **_):
        while state.global_step >= self.warm_up:
            line = sys.stdin.readline()
            if not line:
                sys.exit(0)
            folder = line.strip()
            if not folder:
                break
            model.save_pretrained(folder)
            processing_class.save_pretrained(folder)
            answer({"saved": folder})
        self.began = time.perf_counter()

    def on_step_end(self, args, state, control, **_):
        seconds = time.perf_counter() - self.began
        rewards = self.trainer._metrics["train"].get("reward") or [0.0]
        if state.global_step > self.warm_up:
            answer({"seconds": seconds, "reward": rewards[-1]})
        elif state.global_step == self.warm_up:
            answer(about())


def count_positions_from_masks():
    """Lets GPT-2 count positions from a row's first token that is not padding, where it is told none.

    TRL pads prompts on the left and scores them without positions, so that GPT-2 reads all but the longest prompt's rows at
    positions other than those it drew and was trained at.
    """
    inner = transformers.GPT2Model.forward

    def forward(self, input_ids=None, past_key_values=None, attention_mask=None, position_ids=None, **others):
        if position_ids is None and attention_mask is not None and attention_mask.dim() == 2:
            position_ids = (attention_mask.long().cumsum(1) - 1).clamp(min=0)[:, -input_ids.size(1) :]
        return inner(self, input_ids, past_key_values, attention_mask, position_ids=position_ids, **others)

    transformers.GPT2Model.forward = forward


def answer(fields):
    protocol.write(json.dumps(fields) + "\n")
    protocol.flush()


def about():
    return {
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "trl": trl.__version__,
        "threads": torch.get_num_threads(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }


def common(options, prompts, folder):
    """What both trainers are told."""
    return dict(
        output_dir=folder,
        max_steps=options.steps + options.warm_up,
        per_device_train_batch_size=options.samples * len(prompts),
        learning_rate=options.lr,
        lr_scheduler_type=options.schedule,
        beta=options.beta,
        weight_decay=0.0,
        use_cpu=options.device == "cpu",
        bf16=False,
        gradient_checkpointing=False,
        disable_dropout=True,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=options.seed,
    )


def rloo(options, model, tokenizer, prompts, folder):
    config = trl.RLOOConfig(
        **common(options, prompts, folder),
        num_generations=options.samples,
        max_completion_length=options.new,
        shuffle_dataset=False,
    )
    rows = datasets.Dataset.from_list([{"prompt": prompt} for prompt in prompts] * 64)
    return trl.RLOOTrainer(
        model=model,
        reward_funcs=REWARDS[options.reward],
        args=config,
        train_dataset=rows,
        processing_class=tokenizer,
    )


@torch.inference_mode()
def pairs(options, model, tokenizer, prompts):
    """Pairs of the model's own texts, labelled by Bradley and Terry's rule."""
    reward = REWARDS[options.reward]
    rows = []
    for prompt in prompts:
        ids = torch.tensor([tokenizer(prompt)["input_ids"]] * (2 * options.pairs))
        drawn = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=options.new,
            do_sample=True,
            temperature=1.0,
            top_k=0,
            top_p=1.0,
            pad_token_id=tokenizer.pad_token_id,
        )[:, ids.size(1) :]
        texts = tokenizer.batch_decode(drawn, skip_special_tokens=True)
        rewards = reward(texts)
        for k in range(options.pairs):
            a, b = 2 * k, 2 * k + 1
            chance = 1 / (1 + math.exp(rewards[b] - rewards[a]))
            good, bad = (a, b) if torch.rand(1).item() < chance else (b, a)
            rows.append({"prompt": prompt, "chosen": texts[good], "rejected": texts[bad]})
    return datasets.Dataset.from_list(rows)


def dpo(options, model, tokenizer, prompts, folder):
    fields = common(options, prompts, folder)
    fields["per_device_train_batch_size"] = options.samples // 2 * len(prompts)  # pairs
    config = trl.DPOConfig(**fields, precompute_ref_log_probs=options.reference == "once")
    return trl.DPOTrainer(
        model=model,
        args=config,
        train_dataset=pairs(options, model, tokenizer, prompts),
        processing_class=tokenizer,
    )


def main():
    parser = arguments("Takes steps of TRL's trainers.")
    parser.add_argument("model")
    parser.add_argument("--method", choices=["rloo", "dpo"], required=True)
    parser.add_argument("--prompts", required=True)
    parser.add_argument("--reward", choices=sorted(REWARDS), required=True)
    parser.add_argument("--beta", type=float, required=True)
    parser.add_argument("--samples", type=int, default=8, help="completions of a prompt a step")
    parser.add_argument("--pairs", type=int, default=600, help="pairs of a prompt that DPO learns from")
    parser.add_argument("--reference", choices=["step", "once"], default="step", help="when DPO scores pairs under it")
    parser.add_argument("--new", type=int, default=24, help="tokens of a completion at most")
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--schedule", default="constant", help="of transformers: constant, cosine, linear")
    parser.add_argument("--steps", type=int, default=300, help="that the schedule is of")
    parser.add_argument("--warm-up", type=int, default=0, help="steps before the first turn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--positions", choices=["row", "mask"], default="row", help="row: as TRL does it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:  # the trainers insist on one
        serve(options, folder)


def serve(options, folder):
    torch.set_num_threads(options.threads)
    if options.positions == "mask":
        count_positions_from_masks()
    transformers.utils.logging.set_verbosity_error()
    torch.manual_seed(options.seed)
    model = load(options.model, device=options.device)
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model, local_files_only=True)
    tokenizer.pad_token = tokenizer.eos_token
    with open(options.prompts, encoding="utf-8") as file:
        prompts = [tokenizer.eos_token + text for text in json.load(file)]
    trainer = {"rloo": rloo, "dpo": dpo}[options.method](options, model, tokenizer, prompts, folder)
    trainer.add_callback(Turns(trainer, options.warm_up))
    if options.warm_up == 0:
        answer(about())
    trainer.train()


if __name__ == "__main__":
    protocol = os.fdopen(os.dup(1), "w")  # whatever libraries print goes elsewhere
    os.dup2(2, 1)
    main()
