"""PyTorch's nn.LSTM or nn.GRU, or a linear scan, on the lengths of a real log; prints one JSON document.

Output, and the gradients of the input and of all weights, of batch 0 of protocol.py, as
`clseq bench recurrent` computes them. Sequences are padded to the longest of the batch, or packed. A scan is
h_t = a h_(t-1) + sqrt(1 - |a|^2) x_t of complex channels: event by event (--form loop), or in passes that double the
distance of the events that are added (--form doubling: Hillis and Steele 1986), as PyTorch has no such operation.
"""

import json
import os
import statistics
import time

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import protocol
import torch_training


def scanned(form, a, x):
    """The states of x [B, T, C] by factors a [C]."""
    x = torch.sqrt(1 - a.abs() ** 2) * x
    if form == "loop":
        h, states = torch.zeros_like(x[:, 0]), []
        for t in range(x.shape[1]):
            h = a * h + x[:, t]
            states.append(h)
        return torch.stack(states, dim=1)
    distance = 1
    while distance < x.shape[1]:
        x = torch.cat([x[:, :distance], x[:, distance:] + a * x[:, :-distance]], dim=1)
        a, distance = a * a, 2 * distance
    return x


def scan_passes(options, lengths):
    """A pass of the scan; the sequences are padded."""
    decay = (torch.arange(options.width) / options.width - 4).requires_grad_()
    frequency = (torch.arange(options.width) / options.width).requires_grad_()
    shape = len(lengths), int(lengths[0]), options.width
    x = torch.randn(shape, dtype=torch.complex64).requires_grad_()
    real = torch.arange(shape[1])[None] < lengths[:, None]
    dy = torch.randn(shape, dtype=torch.complex64) * real[..., None]

    def run():
        x.grad = decay.grad = frequency.grad = None
        a = torch.exp(torch.complex(-torch.exp(decay), torch.exp(frequency)))
        scanned(options.form, a, x).backward(dy)

    return run


def passes(options, lengths):
    """Returns a function that runs one pass forward and backward."""
    if options.cell == "scan":
        return scan_passes(options, lengths)
    cell = {"lstm": nn.LSTM, "gru": nn.GRU}[options.cell]
    layer = cell(options.inputs, options.width, batch_first=True).to(options.device)
    x = torch.randn(len(lengths), int(lengths[0]), options.inputs).to(options.device)
    if options.form == "packed":
        x = pack_padded_sequence(x, lengths, batch_first=True)
        values = x.data.clone().requires_grad_()
        x = PackedSequence(values, x.batch_sizes)
        dy = torch.randn(values.shape[0], options.width).to(options.device)
    else:
        values = x.requires_grad_()
        real = torch.arange(int(lengths[0]))[None] < lengths[:, None]
        dy = (torch.randn(*real.shape, options.width) * real[..., None]).to(options.device)

    def run():
        layer.zero_grad(set_to_none=True)
        values.grad = None
        output = layer(x)[0]
        (output[0] if options.form == "packed" else output).backward(dy)
        torch_training.wait(options)

    return run


def main():
    parser = protocol.arguments(__doc__)
    parser.add_argument("--cell", default="lstm", choices=["lstm", "gru", "scan"])
    parser.add_argument("--form", default="padded", choices=["padded", "packed", "loop", "doubling"])
    parser.add_argument("--inputs", type=int, default=64, help="width of the input")
    parser.add_argument("--width", type=int, default=128, help="width of the state")
    options = parser.parse_args()
    torch_training.prepare(options)
    sequences, _ = protocol.read_sequences(options.data)
    _, targets = protocol.training_batch(sequences, 0, options.batch_size, options.max_length)
    lengths = torch.from_numpy((targets > 0).sum(1)).sort(descending=True).values
    run = passes(options, lengths)
    times = []
    for index in range(options.warmup + options.steps):
        start = time.perf_counter()
        run()
        if index >= options.warmup:
            times.append(1000 * (time.perf_counter() - start))
            if sum(times) > 1000 * options.seconds:
                break
    print(json.dumps({
        "system": options.label or f"PyTorch, {options.form}",
        "version": torch.__version__,
        "data": os.path.basename(options.data),
        "threads": protocol.thread_count(),
        "cell": options.cell,
        "inputs": options.inputs,
        "hidden": options.width,
        "sequences": len(lengths),
        "events": int(lengths.sum()),
        "milliseconds": round(statistics.median(times), 3),
        "milliseconds_low": round(min(times), 3),
        "milliseconds_high": round(max(times), 3),
        **torch_training.device(options),
    }))


if __name__ == "__main__":
    main()
