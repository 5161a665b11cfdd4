"""What PyTorch's scripts of next-item models have in common: loss, optimiser, measured step."""

import torch
from torch.nn import functional as F

import protocol


def next_item_loss(states, table, targets):
    """Softmax cross-entropy over all items: states [events, width], targets [events] from 1, and
    the tied table of item vectors, whose row 0 is no item."""
    return F.cross_entropy(states @ table[1:].T, targets - 1)


def compile_loss():
    """Compiles the loss for any number of events, which differs from batch to batch."""
    global next_item_loss
    next_item_loss = torch.compile(next_item_loss, dynamic=True)


def prepare(options):
    """Sets the seed, the threads, and products in all digits of float32 on a GPU too."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(protocol.thread_count())
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def wait(options):
    """Until the device is idle."""
    if options.device == "cuda":
        torch.cuda.synchronize()


def device(options):
    """The part of a report that names the GPU."""
    return {"device": torch.cuda.get_device_name()} if options.device == "cuda" else {}


def measure(make_model, options, system="PyTorch"):
    """Prints the report of a model's training steps.

    `make_model(items, options)` gives a module with `loss(inputs, targets)`, both [batch, time]
    with 0 after the end of a sequence. Batches are padded to their longest sequence.
    """
    prepare(options)
    sequences, items = protocol.read_sequences(options.data)
    model = make_model(items, options).to(options.device)
    # One kernel for all weights, on a GPU.
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01,
        fused=True if options.device == "cuda" else None)

    def batch(number):
        return protocol.trimmed(*protocol.training_batch(
            sequences, number, options.batch_size, options.max_length))

    def step(arrays):
        inputs, targets = (torch.from_numpy(a).long().to(options.device) for a in arrays)
        optimizer.zero_grad()
        loss = model.loss(inputs, targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    measured = protocol.measure(step, batch, options)
    protocol.report(
        system, torch.__version__, options, sequences, items, measured | device(options))
