"""vLLM on a processor as a peer: draws continuations of one prompt, or scores rows of ids, turn by turn.

    python vllm_cpu.py FOLDER --draw 0,50,51 [--samples 8] [--new 24] [--dtype float32|bfloat16] [--threads 2]
    python vllm_cpu.py FOLDER --read IDS.json ...

The engine runs in this process. Drawing is at temperature 1 with nothing truncated, all samples in one request; the end token ends none.
Scoring asks for the log-probability of every given token. It needs the packages of requirements-vllm.txt.
"""

import argparse
import json
import os

import turns

WARM_UP = 2


def engine(options, rows):
    os.environ.update(
        VLLM_ENABLE_V1_MULTIPROCESSING="0",
        VLLM_LOGGING_LEVEL="ERROR",
        VLLM_CPU_KVCACHE_SPACE="1",
        VLLM_CPU_OMP_THREADS_BIND=f"0-{options.threads - 1}" if options.threads > 1 else "0",
        HF_HUB_OFFLINE="1",
        VLLM_NO_USAGE_STATS="1",
    )
    import vllm

    found = vllm.LLM(
        options.model,
        dtype=options.dtype,
        skip_tokenizer_init=True,
        max_model_len=256,
        max_num_seqs=max(rows, 2),
        enable_prefix_caching=False,
        enforce_eager=options.eager,
    )
    return vllm, found


def main():
    parser = argparse.ArgumentParser(description="Draws or scores with vLLM.")
    parser.add_argument("model")
    parser.add_argument("--draw", help="token ids of a prompt, separated by commas")
    parser.add_argument("--read", help="a file of rows of ids, of which all but the first are scored")
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--new", type=int, default=24)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--eager", action="store_true", help="without torch.compile")
    options = parser.parse_args()
    out = os.dup(1)
    os.dup2(2, 1)  # what its libraries print is no answer
    answers = os.fdopen(out, "w", encoding="utf-8")
    if options.draw:
        prompts = [[int(token) for token in options.draw.split(",")]]
        rows = options.samples
        wanted = {"n": options.samples, "max_tokens": options.new, "ignore_eos": True, "temperature": 1.0}
    else:
        with open(options.read, encoding="utf-8") as file:
            prompts = json.load(file)
        rows = len(prompts)
        wanted = {"max_tokens": 1, "prompt_logprobs": 0, "temperature": 1.0}
    vllm, llm = engine(options, rows)
    parameters = vllm.SamplingParams(detokenize=False, **wanted)
    given = [vllm.inputs.TokensPrompt(prompt_token_ids=prompt) for prompt in prompts]

    def work():
        done = llm.generate(given, parameters, use_tqdm=False)
        if options.draw:
            return {"tokens": sum(len(drawn.token_ids) for drawn in done[0].outputs)}
        scored = 0.0
        for prompt, found in zip(prompts, done):
            scored += sum(at[token].logprob for token, at in zip(prompt[1:], found.prompt_logprobs[1:]))
        return {"logProb": scored}

    turns.take(work, lambda: {"vllm": vllm.__version__, "threads": options.threads}, WARM_UP, answers)


if __name__ == "__main__":
    main()
