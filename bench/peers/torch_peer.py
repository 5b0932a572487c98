"""What the torch_*.py peers share: threads and models. They take turns with Credence as turns.py says."""

import argparse

import torch
import transformers

import turns


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
    """Takes turns at work(), which returns figures by which it is checked."""
    turns.take(work, about, warm_up)


def about():
    return {
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "threads": torch.get_num_threads(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }
