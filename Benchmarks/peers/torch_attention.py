"""PyTorch's scaled_dot_product_attention on the lengths of a real log; prints one JSON document.

Output and gradients of causal attention with dropout, of batch 0 of protocol.py, as `clseq bench attention`
computes them. Each form is measured that the device has: padded to the longest sequence of the batch,
and ragged, as a nested tensor.
"""

import json
import os
import statistics
import sys
import time

import torch
from torch.nn import functional as F

import protocol
import torch_training


def padded(leaf, lengths, offsets):
    """[batch, heads, time, width] of a leaf that is it already."""
    return leaf


def ragged(leaf, lengths, offsets):
    """The same without padding, of a leaf [events, heads, width]."""
    return torch.nested.nested_tensor_from_jagged(
        leaf, offsets, min_seqlen=min(lengths), max_seqlen=max(lengths)).transpose(1, 2)


def passes(form, lengths, options):
    """A function that runs forward and backward."""
    heads, width = options.heads, options.hidden_size // options.heads
    shape = ((len(lengths), heads, max(lengths), width) if form is padded
             else (sum(lengths), heads, width))
    leaves = [torch.randn(shape, device=options.device, requires_grad=True) for _ in range(3)]
    dy = torch.randn(shape, device=options.device)
    offsets = torch.tensor([0] + lengths, device=options.device).cumsum(0)

    def run():
        y = F.scaled_dot_product_attention(
            *(form(leaf, lengths, offsets) for leaf in leaves), is_causal=True,
            dropout_p=options.dropout)
        torch.autograd.grad(y if form is padded else y.transpose(1, 2).values(), leaves, dy)

    return run


def kernel_milliseconds(run):
    """Time of the GPU's kernels in one run, which the launches of a small one may exceed."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        run()
        torch.cuda.synchronize()
    return sum(event.time_range.elapsed_us() for event in profile.events()
               if event.device_type == torch.autograd.DeviceType.CUDA) / 1000


def measure(form, lengths, options):
    """Medians over the measured passes."""
    run = passes(form, lengths, options)
    times = []
    for index in range(options.warmup + options.steps):
        torch_training.wait(options)
        start = time.perf_counter()
        run()
        torch_training.wait(options)
        if index >= options.warmup:
            times.append(1000 * (time.perf_counter() - start))
            if sum(times) > 1000 * options.seconds:
                break
    found = {"milliseconds": round(statistics.median(times), 3),
             "milliseconds_low": round(min(times), 3), "milliseconds_high": round(max(times), 3)}
    if options.device == "cuda":
        found["kernel_milliseconds"] = round(
            statistics.median(kernel_milliseconds(run) for _ in range(5)), 4)
    return found


def main():
    options = protocol.arguments(__doc__).parse_args()
    torch_training.prepare(options)
    sequences, _ = protocol.read_sequences(options.data)
    _, targets = protocol.training_batch(sequences, 0, options.batch_size, options.max_length)
    lengths = [int(length) for length in (targets > 0).sum(1) if length > 0]
    forms, failed = {}, {}
    # PyTorch has no ragged causal form for CPUs.
    for form in (padded, ragged) if options.device == "cuda" else (padded,):
        try:
            forms[form.__name__] = measure(form, lengths, options)
        except (RuntimeError, NotImplementedError, ValueError, TypeError) as error:
            failed[form.__name__] = str(error).strip().splitlines()[0]
            print(f"{form.__name__}: {error}", file=sys.stderr)
    if not forms:
        sys.exit("no form of attention runs")
    print(json.dumps({
        "system": options.label or "PyTorch",
        "version": torch.__version__,
        "data": os.path.basename(options.data),
        "heads": options.heads,
        "width": options.hidden_size // options.heads,
        "dropout": options.dropout,
        "sequences": len(lengths),
        "events": sum(lengths),
        "forms": forms,
        "failed": failed,
        **torch_training.device(options),
    }))


if __name__ == "__main__":
    main()
