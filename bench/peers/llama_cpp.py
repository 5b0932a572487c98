"""llama.cpp as a peer: draws continuations of one prompt, or reads rows of ids, through its own server in this process.

    python llama_cpp.py FILE.gguf --draw 0,50,51 [--samples 64] [--new 24] [--threads 2]
    python llama_cpp.py FILE.gguf --read IDS.json [--threads 2]

Drawing is at temperature 1 with nothing truncated, all samples in one request, a slot each. Reading makes the logits of each row's last token
alone: llama.cpp's server has no log-probabilities of given tokens at one pass, so that it does less than what it stands beside. Keys and
values are in 16 bits, as it comes. It needs xllamacpp (requirements-llama.txt) and no PyTorch.
"""

import argparse
import json
import urllib.request

import xllamacpp

import turns

WARM_UP = 2
ROOM = 128  # tokens of a slot


def serve(options, slots):
    wanted = xllamacpp.CommonParams()
    wanted.model.path = options.model
    wanted.n_ctx = slots * ROOM
    wanted.n_parallel = slots
    wanted.cont_batching = True
    wanted.warmup = False
    wanted.offline = True
    wanted.port = 0
    for cores in (wanted.cpuparams, wanted.cpuparams_batch):
        cores.n_threads = options.threads
    return xllamacpp.Server(wanted)


def ask(address, body):
    neutral = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "samplers": ["temperature"], "cache_prompt": False}
    data = json.dumps({**neutral, **body}).encode()
    request = urllib.request.Request(address + "/completion", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=3600) as answer:
        found = json.load(answer)
    return found if isinstance(found, list) else [found]


def main():
    parser = argparse.ArgumentParser(description="Draws or reads with llama.cpp.")
    parser.add_argument("model")
    parser.add_argument("--draw", help="token ids of a prompt, separated by commas")
    parser.add_argument("--read", help="a file of rows of ids, of which all but the last are read")
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--new", type=int, default=24)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.draw:
        prompts = [[int(token) for token in options.draw.split(",")]] * options.samples
    else:
        with open(options.read, encoding="utf-8") as file:
            prompts = [row[:-1] for row in json.load(file)]
    server = serve(options, len(prompts))
    new = options.new if options.draw else 1

    def work():
        answers = ask(server.listening_address, {"prompt": prompts, "n_predict": new})
        drawn = sum(answer["tokens_predicted"] for answer in answers)
        read = sum(answer["tokens_evaluated"] for answer in answers)
        return {"tokens": drawn if options.draw else read}

    turns.take(work, lambda: {"llama.cpp": xllamacpp.__version__, "threads": options.threads}, WARM_UP)


if __name__ == "__main__":
    main()
