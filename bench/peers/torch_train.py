"""Training steps of a checkpoint by PyTorch: forward, backward, clipping, AdamW (fused).

    python torch_train.py MODEL --ids IDS.json [--mode eager|compile] [--threads 2]

IDS.json is a list of rows of ids, all of one length: all but the last are read, all but the first are predicted, and the loss
is their mean. Every step is on the same rows. Matrices decay by 0.05, vectors do not; no dropout, as in Credence's steps.
"""

import json
import resource

import torch
import transformers

from torch_peer import arguments, load, serve


def main():
    parser = arguments("Takes training steps.")
    parser.add_argument("model")
    parser.add_argument("--ids", required=True)
    parser.add_argument("--mode", choices=["eager", "compile"], default="eager")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    transformers.utils.logging.set_verbosity_error()
    model = load(options.model, device=options.device)
    with open(options.ids, encoding="utf-8") as file:
        ids = torch.tensor(json.load(file), device=options.device)
    read, predicted = ids[:, :-1].contiguous(), ids[:, 1:].contiguous()
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": 0.05}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, fused=True)

    def loss_of(read, predicted):
        logits = model(input_ids=read, use_cache=False).logits
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), predicted.flatten())

    forward = torch.compile(loss_of) if options.mode == "compile" else loss_of

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = forward(read, predicted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return {"loss": loss.item(), "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}

    serve(step, warm_up=2)


if __name__ == "__main__":
    main()
