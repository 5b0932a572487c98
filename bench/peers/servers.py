#!/usr/bin/env python3
"""servers.py URL CHECKPOINT: whether a server with a checkpoint's weights gives that checkpoint's log-probabilities.

Texts are drawn through the server by `credence sample` and by a plain client of the completions protocol written here, and
scored by `credence score` through the server and from the checkpoint. Prints the largest differences in nats a token, then
audits the server against the checkpoint, which is no update. Exit 1 where a difference is above --tolerance. Standard
library only."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
PROMPTS = ["The king said", "O, wherefore", "\n"]


def credence(launcher, *arguments, text=""):
    done = subprocess.run([launcher, *arguments], input=text, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"credence {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return done


def records(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def client(url, prompt_ids, length, seed):
    """One text by the protocol alone, as a Python user would ask: ids and log-probabilities of the drawn tokens."""
    address, _, model = url.partition("#")
    headers = {"content-type": "application/json"}
    if os.environ.get("CREDENCE_API_KEY"):
        headers["authorization"] = "Bearer " + os.environ["CREDENCE_API_KEY"]
    body = {"prompt": prompt_ids, "max_tokens": length, "seed": seed, "logprobs": 1, "return_token_ids": True,
            "temperature": 1, "top_p": 1, "top_k": 0, "min_p": 0}
    if model:
        body["model"] = model
    request = urllib.request.Request(address + "/completions", json.dumps(body).encode(), headers)
    choice = json.load(urllib.request.urlopen(request, timeout=600))["choices"][0]
    told = choice["logprobs"]
    if "content" in told:  # llama.cpp's layout
        return [c["id"] for c in told["content"]], [c["logprob"] for c in told["content"]]
    return choice["token_ids"], told["token_logprobs"]


def scores(launcher, model, texts):
    lines = "".join(json.dumps({"prompt": t["prompt"], "ids": t["ids"]}) + "\n" for t in texts)
    return [r["token_logp"] for r in records(credence(launcher, "score", model, "-", "--quiet", text=lines))]


def largest(one, other):
    """The largest difference of two lists of arrays, nats a token."""
    for a, b in zip(one, other, strict=True):
        if len(a) != len(b):
            sys.exit(f"{len(a)} log-probabilities beside {len(b)}")
    return max((abs(x - y) for a, b in zip(one, other) for x, y in zip(a, b)), default=0.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("checkpoint")
    parser.add_argument("--credence", default=os.path.join(HERE, "..", "..", "credence"))
    parser.add_argument("--texts", type=int, default=8, help="texts a prompt")
    parser.add_argument("--length", type=int, default=24, help="tokens a text")
    parser.add_argument("--tolerance", type=float, default=1e-2, help="nats a token")
    a = parser.parse_args()
    prompts = [part for p in PROMPTS for part in ("--prompt", p)]

    start = time.time()
    drawn = records(credence(a.credence, "sample", a.url, *prompts, "-n", str(a.texts), "--max-new-tokens", str(a.length), "--quiet"))
    taken = time.time() - start
    exact = scores(a.credence, a.checkpoint, drawn)
    figures = {
        "drawn": largest([t["token_logp"] for t in drawn], exact),
        "scored": largest(scores(a.credence, a.url, drawn), exact),
    }
    own = []
    for seed, text in enumerate(drawn[:: a.texts]):
        prompt = text["prompt_ids"] if "prompt_ids" in text else text["prompt"]
        ids, nats = client(a.url, prompt, a.length, seed)
        own.append({"prompt": text["prompt"], "ids": ids, "token_logp": nats})
    whole = [t for t in own if len(t["ids"]) == len(t["token_logp"])]
    figures["client"] = largest([t["token_logp"] for t in whole], scores(a.credence, a.checkpoint, whole))

    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "prompts.jsonl")
        with open(file, "w", encoding="utf-8") as out:
            out.writelines(json.dumps({"prompt": p}) + "\n" for p in PROMPTS)
        audit = json.loads(credence(
            a.credence, "audit", "--prior", a.checkpoint, "--policy", a.url, "--prompts", file, "--reward", "length", "--beta", "1",
            "--draws", "60", "--samples", "60", "--max-new-tokens", str(a.length), "--quiet", "--json", "-o", os.path.join(folder, "page.html")).stdout)
    moved = audit["findings"]["kl.policy_prior"]

    print(f"{a.url}: {len(drawn)} texts in {taken:.1f} s")
    for name, value in figures.items():
        print(f"  {name}: at most {value:.2g} nats a token from the checkpoint")
    print(f"  audit: KL {moved['estimate']} [{moved['lower']}, {moved['upper']}] nats, {audit['verdict']['label']}")
    return 1 if max(figures.values()) > a.tolerance else 0


if __name__ == "__main__":
    sys.exit(main())
