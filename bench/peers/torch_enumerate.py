"""All completions of one prompt up to a horizon, with their log-probabilities, by plain PyTorch.

    python torch_enumerate.py MODEL --prompt 0 --horizon 5 [--rows 4096] [--threads 2]

Breadth first: the prefixes of each length are computed in batches, each whole, without a cache; the last position's
log-probabilities are added to the prefixes', an end token completes a text, and at the horizon all do. This is what one
writes at first: it computes every prefix once, but all tokens of it again.
"""

import torch

from torch_peer import arguments, load, serve, start


def main():
    parser = arguments("Enumerates completions.")
    parser.add_argument("model")
    parser.add_argument("--prompt", required=True, help="token ids, separated by commas")
    parser.add_argument("--horizon", type=int, default=5)
    parser.add_argument("--rows", type=int, default=4096, help="prefixes of a batch (default 4096)")
    options = parser.parse_args()
    start(options)
    model = load(options.model, device=options.device)
    end = model.config.eos_token_id
    going = torch.tensor([token for token in range(model.config.vocab_size) if token != end], device=options.device)
    prompt = torch.tensor([[int(token) for token in options.prompt.split(",")]], device=options.device)

    def log_probs(prefixes):
        parts = []
        for part in prefixes.split(options.rows):
            logits = model(input_ids=part, use_cache=False, logits_to_keep=1).logits[:, -1]
            parts.append(logits.double().log_softmax(-1))
        return torch.cat(parts)

    @torch.inference_mode()
    def enumerate_all():
        prefixes, so_far = prompt, torch.zeros(1, dtype=torch.float64, device=options.device)
        complete = []
        for depth in range(options.horizon):
            joint = so_far[:, None] + log_probs(prefixes)  # (prefixes, V)
            complete.append(joint[:, end])
            on = joint[:, going]
            if depth + 1 == options.horizon:
                complete.append(on.flatten())
            else:
                grown = going.repeat(len(prefixes))[:, None]
                prefixes = torch.cat([prefixes.repeat_interleave(len(going), 0), grown], 1)
                so_far = on.flatten()
        everything = torch.cat(complete)
        return {"completions": len(everything), "logMass": float(everything.logsumexp(0))}

    serve(enumerate_all, warm_up=2)


if __name__ == "__main__":
    main()
