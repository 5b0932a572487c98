"""Rollouts by transformers' generate(): key/value cache, temperature 1, nothing truncated.

    python torch_generate.py MODEL --prompt 0,50,51 [--samples 64] [--new 24] [--threads 2]

It draws ids only; Credence's samples carry two log-probabilities a token as well. A row that has ended stays in the batch
as padding until all have ended: that is how generate() works. Tokens are counted up to each row's end token.
"""

import torch

from torch_peer import arguments, load, serve, start


def main():
    parser = arguments("Draws continuations of one prompt.")
    parser.add_argument("model")
    parser.add_argument("--prompt", required=True, help="token ids, separated by commas")
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--new", type=int, default=24)
    options = parser.parse_args()
    start(options)
    torch.manual_seed(1)
    model = load(options.model, options.dtype, options.device)
    end = model.config.eos_token_id
    prompt = [int(token) for token in options.prompt.split(",")]
    ids = torch.tensor([prompt] * options.samples, device=options.device)
    mask = torch.ones_like(ids)

    @torch.inference_mode()
    def draw():
        drawn = model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=options.new,
            do_sample=True,
            temperature=1.0,
            top_k=0,
            top_p=1.0,
            use_cache=True,
            pad_token_id=end,
        )[:, len(prompt) :]
        ended = drawn == end
        before = ended.cumsum(1) - ended.long()  # ends before each token: only those of the first end count
        return {"tokens": int((before == 0).sum())}

    serve(draw)


if __name__ == "__main__":
    main()
