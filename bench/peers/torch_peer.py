"""What the torch_*.py peers share: threads, models, and the protocol by which Credence alternates with them.

A peer is started once. It loads its model, warms up, writes one line of JSON about itself to standard output, and then
answers every line on its standard input by doing its work once and writing one line of JSON: {"seconds": ..., "processor": ..., ...}, the latter of all its threads. The
clock runs inside the process, around the work alone. In between it waits for input and takes no processor time.
"""

import argparse
import json
import sys
import time

import torch
import transformers


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--threads", type=int, default=2, help="threads within an operation (default 2)")
    parser.add_argument("--device", default="cpu", help="where the model computes: cpu (the default), or cuda:N")
    parser.add_argument("--dtype", default="float32", help="of the weights and the arithmetic (default float32)")
    return parser


def start(options):
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    transformers.utils.logging.set_verbosity_error()


def load(folder, dtype="float32", device="cpu"):
    """The model of a checkpoint folder in a precision (float32, bfloat16), on a device, in evaluation mode, with PyTorch's fused attention."""
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=getattr(torch, dtype), attn_implementation="sdpa", local_files_only=True
    )
    return model.to(device).eval()


def serve(work, warm_up=3):
    """Runs work() a few times, then once for every line of input. It returns figures by which it is checked."""
    for _ in range(warm_up):
        work()
    about = {
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "threads": torch.get_num_threads(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }
    print(json.dumps(about), flush=True)
    for _ in sys.stdin:
        began, processor = time.perf_counter(), time.process_time()
        figures = work()
        times = {"seconds": time.perf_counter() - began, "processor": time.process_time() - processor}
        print(json.dumps({**times, **figures}), flush=True)
