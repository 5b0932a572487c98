#!/usr/bin/env python3
"""Sequential Monte Carlo of genlm-control on the target of `credence bench smc`: prior times e^(r/beta), r = VALUE times
the vowels of a completion, for one prompt of a checkpoint folder.

    genlm_smc.py PRIOR [--prompt t] [--horizon 5] [--value 0.5] [--threads 1] [--batch K] [--wait 0]
                 [--beta B ... --particles K ... --runs 200]

With --beta it prints one line of JSON for each proposal, beta and K: mean, spread and log-mean of the runs' log Z, model calls and
seconds of a run. Without it waits for lines {"proposal", "beta", "particles", "seed"} and answers each with one run, so that
`credence bench smc --python` can take turns with it. (The name is not genlm.py, which would hide the package.)

The target in genlm's terms. The model is a PromptedLLM at temperature 1; the reward is a Potential of our own whose weight of a
beginning is that of its vowels so far. Proposals:

  prior   tokens from the model, the reward as critic after every token: `smc`
  local   tokens from the product of model and reward, normalised token by token: `twisted-smc --twist none`

max_tokens would be another target: at the limit genlm multiplies by the probability of an end there, so that texts that go on are
left out. A text cut at the horizon is a text of ours; terminate_when closes it without a weight. max_tokens is then one more.

Effective sample size below half of K resamples, systematically (genlm's standard is multinomial; --resampling). genlm keeps the
answers of its model between runs; they are forgotten before each, inside the clock. Counted are the questions to the model (one for
each particle that still grows, every token), the rows that were forwarded for them (equal beginnings are one) and forward passes.
genlm waits for further questions before it forwards fewer than a batch, 20 ms and 20 rows as it comes; here as many rows as particles
and no wait, which is its best here.
"""

import argparse
import asyncio
import json
import math
import statistics
import sys
import time

import numpy as np
import tokenizers
import torch
import transformers
from genlm.backend.llm import AsyncTransformer
from genlm.control import SMC, Potential, PromptedLLM, direct_token_sampler

import torch_peer

VOWELS = {b"a", b"e", b"i", b"o", b"u"}
PROPOSALS = ("prior", "local")


class CountedModel(AsyncTransformer):
    """genlm's own asynchronous model, with what is asked of it and what it forwards counted."""

    def __init__(self, folder, wait):
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        # genlm takes the tokens' bytes by the kind of decoder and refuses this one's; pieces are letters under both
        tokenizer.backend_tokenizer.decoder = tokenizers.decoders.ByteFallback()
        super().__init__(torch_peer.load(folder), tokenizer, timeout=wait)
        self.asked = self.rows = self.passes = 0
        self.model.register_forward_hook(self._count)

    def _count(self, module, inputs, output):
        self.passes += 1
        self.rows += output.logits.shape[0]

    async def next_token_logprobs(self, token_ids, lora_name=None):
        self.asked += 1
        return await super().next_token_logprobs(token_ids, lora_name=lora_name)

    def forget(self):
        self.clear_cache()
        self.asked = self.rows = self.passes = 0


class Vowels(Potential):
    """e^(step times the vowels), of a beginning as of a whole text."""

    def __init__(self, vocabulary, step):
        super().__init__(vocabulary)
        self.step = step
        self.next = np.array([step * (bytes(token) in VOWELS) for token in vocabulary] + [0.0])

    async def prefix(self, context):
        return self.step * sum(bytes(token) in VOWELS for token in context)

    async def complete(self, context):
        return await self.prefix(context)

    async def logw_next(self, context):
        return self.make_lazy_weights(self.next)

    async def batch_logw_next(self, contexts):
        return self.make_lazy_weights(np.tile(self.next, (len(contexts), 1)))


class Particles:
    def __init__(self, options):
        self.options = options
        self.model = CountedModel(options.prior, options.wait)
        tokenizer = self.model.tokenizer
        ids = [tokenizer.bos_token_id, *tokenizer.encode(options.prompt, add_special_tokens=False)]
        self.llm = PromptedLLM(self.model, prompt_ids=ids)
        self.loop = asyncio.Runner()
        self.samplers = {}

    def sampler(self, proposal, beta):
        if (proposal, beta) not in self.samplers:
            reward = Vowels(self.llm.vocab, self.options.value / beta)
            self.samplers[proposal, beta] = {
                "prior": lambda: SMC(direct_token_sampler(self.llm), critic=reward),
                "local": lambda: SMC(direct_token_sampler(self.llm * reward)),
            }[proposal]()
        return self.samplers[proposal, beta]

    def run(self, proposal, beta, particles, seed):
        horizon = self.options.horizon
        sampler = self.sampler(proposal, beta)
        torch.manual_seed(seed)
        np.random.seed(seed)
        self.model.batch_size = self.options.batch or particles
        began = time.perf_counter()
        self.model.forget()
        texts = self.loop.run(
            sampler(
                n_particles=particles,
                ess_threshold=0.5,
                max_tokens=horizon + 1,
                resampling_method=self.options.resampling,
                terminate_when=lambda context: len(context) == horizon,
            )
        )
        seconds = time.perf_counter() - began
        return {
            "seconds": seconds,
            "log_z": float(texts.log_ml),
            "ess": float(texts.ess),
            "asked": self.model.asked,
            "rows": self.model.rows,
            "passes": self.model.passes,
        }

    def summary(self, proposal, beta, particles):
        for seed in range(3):
            self.run(proposal, beta, particles, seed)
        runs = [self.run(proposal, beta, particles, 1000 + seed) for seed in range(self.options.runs)]
        logs = [run["log_z"] for run in runs]
        top = max(logs)
        return {
            "proposal": proposal,
            "beta": beta,
            "particles": particles,
            "runs": len(runs),
            "log_z_mean": statistics.fmean(logs),
            "log_z_spread": statistics.stdev(logs) if len(logs) > 1 else None,
            "log_mean_z": top + math.log(statistics.fmean(math.exp(log - top) for log in logs)),
            **{key: statistics.fmean(run[key] for run in runs) for key in ("asked", "rows", "passes", "ess")},
            "seconds": statistics.median(run["seconds"] for run in runs),
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("prior", help="checkpoint folder")
    parser.add_argument("--prompt", default="t")
    parser.add_argument("--horizon", type=int, default=5)
    parser.add_argument("--value", type=float, default=0.5, help="reward of a vowel (default 0.5)")
    parser.add_argument("--threads", type=int, default=1, help="threads within an operation (default 1)")
    parser.add_argument("--batch", type=int, help="most rows of a forward pass (default: the particles)")
    parser.add_argument("--wait", type=float, default=0.0, help="seconds that genlm waits for a full batch (default 0)")
    parser.add_argument(
        "--resampling", default="systematic", choices=("systematic", "stratified", "residual", "multinomial")
    )
    parser.add_argument("--beta", type=float, nargs="+")
    parser.add_argument("--particles", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--runs", type=int, default=200)
    options = parser.parse_args()
    torch_peer.start(options)
    particles = Particles(options)
    if options.beta:
        for beta in options.beta:
            for proposal in PROPOSALS:
                for count in options.particles:
                    print(json.dumps(particles.summary(proposal, beta, count)), flush=True)
        return
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        print(json.dumps(particles.run(**json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
