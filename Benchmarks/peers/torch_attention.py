"""PyTorch's scaled_dot_product_attention on the lengths of a real log; prints one JSON document.

Output and gradients of causal attention with dropout, for the layers of one model, on batches 1 to 5
of protocol.py, which `clseq bench step` takes for its table of kernels. Each form is measured that the
device has: padded to the longest sequence of the batch, and ragged, as a nested tensor.
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

BATCHES = range(1, 6)


def padded(leaf, lengths, offsets):
    """[batch, heads, time, width] of a leaf that is it already."""
    return leaf


def ragged(leaf, lengths, offsets):
    """The same without padding, of a leaf [events, heads, width]."""
    return torch.nested.nested_tensor_from_jagged(
        leaf, offsets, min_seqlen=min(lengths), max_seqlen=max(lengths)).transpose(1, 2)


def passes(form, lengths, options):
    """A function that runs forward and backward for each layer."""
    heads, width = options.heads, options.hidden_size // options.heads
    shape = ((len(lengths), heads, max(lengths), width) if form is padded
             else (sum(lengths), heads, width))
    leaves = [torch.randn(shape, device=options.device, requires_grad=True) for _ in range(3)]
    dy = torch.randn(shape, device=options.device)
    offsets = torch.tensor([0] + lengths, device=options.device).cumsum(0)

    def run():
        for _ in range(options.layers):
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


def measure(form, batches, options):
    """Medians over the measured rounds of the mean over the batches."""
    runs = [passes(form, lengths, options) for lengths in batches]
    times = []
    for index in range(options.warmup + options.steps):
        torch_training.wait(options)
        start = time.perf_counter()
        for run in runs:
            run()
        torch_training.wait(options)
        if index >= options.warmup:
            times.append(1000 * (time.perf_counter() - start) / len(runs))
            if sum(times) * len(runs) > 1000 * options.seconds:
                break
    found = {"milliseconds": round(statistics.median(times), 3),
             "milliseconds_low": round(min(times), 3), "milliseconds_high": round(max(times), 3)}
    if options.device == "cuda":
        found["kernel_milliseconds"] = round(
            statistics.median(statistics.fmean(kernel_milliseconds(run) for run in runs)
                              for _ in range(3)), 4)
    return found


def main():
    options = protocol.arguments(__doc__).parse_args()
    torch_training.prepare(options)
    sequences, _ = protocol.read_sequences(options.data)
    batches = []
    for number in BATCHES:
        _, targets = protocol.training_batch(
            sequences, number, options.batch_size, options.max_length)
        lengths = (targets > 0).sum(1)
        batches.append([int(length) for length in lengths[lengths > 0]])
    forms, failed = {}, {}
    # PyTorch has no ragged causal form for CPUs.
    for form in (padded, ragged) if options.device == "cuda" else (padded,):
        try:
            forms[form.__name__] = measure(form, batches, options)
        except (RuntimeError, NotImplementedError, ValueError, TypeError) as error:
            failed[form.__name__] = str(error).strip().splitlines()[0]
            print(f"{form.__name__}: {error}", file=sys.stderr)
    if not forms:
        sys.exit("no form of attention runs")
    print(json.dumps({
        "system": options.label or "PyTorch",
        "version": torch.__version__,
        "data": os.path.basename(options.data),
        "layers": options.layers,
        "heads": options.heads,
        "width": options.hidden_size // options.heads,
        "dropout": options.dropout,
        "events": [sum(lengths) for lengths in batches],
        "forms": forms,
        "failed": failed,
        **torch_training.device(options),
    }))


if __name__ == "__main__":
    main()
