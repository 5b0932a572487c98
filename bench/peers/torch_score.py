"""Log-probabilities of given tokens by PyTorch eager.

    python torch_score.py MODEL --ids IDS.json [--threads 2]
    python torch_score.py random:WIDTH,LAYERS,HEADS,VOCABULARY,CONTEXT --ids IDS.json

IDS.json is a list of rows of ids, all of one length: all but the last are read, all but the first are scored. The second
form scores with a GPT-2 of random weights, whose time depends on its shape alone.
"""

import json

import torch
import transformers

from torch_peer import arguments, load, serve, start


def random_model(shape):
    width, layers, heads, vocabulary, context = (int(number) for number in shape.split(","))
    config = transformers.GPT2Config(
        n_embd=width, n_layer=layers, n_head=heads, vocab_size=vocabulary, n_positions=context,
        bos_token_id=0, eos_token_id=0,
    )
    return transformers.AutoModelForCausalLM.from_config(config, attn_implementation="sdpa").eval()


def main():
    parser = arguments("Scores rows of tokens.")
    parser.add_argument("model")
    parser.add_argument("--ids", required=True)
    options = parser.parse_args()
    start(options)
    form, _, shape = options.model.partition(":")
    model = random_model(shape).to(options.device) if form == "random" else load(options.model, options.dtype, options.device)
    with open(options.ids, encoding="utf-8") as file:
        ids = torch.tensor(json.load(file), device=options.device)
    read, scored = ids[:, :-1].contiguous(), ids[:, 1:].contiguous()

    @torch.inference_mode()
    def score():
        logits = model(input_ids=read, use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), scored.flatten(), reduction="none")
        log_probs = -loss.view_as(scored)
        return {"logProb": float(log_probs.sum(dtype=torch.float64))}

    serve(score)


if __name__ == "__main__":
    main()
