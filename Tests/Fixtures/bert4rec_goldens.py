"""Makes bert4rec.safetensors: states and every gradient of the model `bert4rec` by PyTorch.

    pip install numpy safetensors==0.8.0 torch==2.13.0
    python bert4rec_goldens.py

Everything is computed in float64 from float32 numbers and rounded at the end. The inputs of events are
those of Tests/ClseqTestSupport/TestBatch.swift, functions of sequence, time and item; item 10 is the mask.
Names are those of parameters with their gradients as NAME.gradient, and `states` with the `weights` of the
sum whose gradients they are.
"""

import pathlib

import numpy
import safetensors.numpy
import torch
from torch.nn import functional

SEQUENCES = [[3, 1, 10, 1, 5, 9, 2, 6, 10], [5, 10, 5], [10], [9, 7, 9, 10, 2]]
ITEM_ROWS, TYPES, GAPS, NUMBERS = 11, 4, 5, 2
ITEM_ATTRIBUTES = torch.tensor([place % 7 / 7 for place in range(33)]).view(ITEM_ROWS, 3)
USER_ATTRIBUTES = torch.tensor([place % 3 / 3 for place in range(10)]).view(10, 1)
POSITIONS, WIDTH, HEADS, INNER, BLOCKS = 9, 12, 2, 20, 2

generator = torch.Generator().manual_seed(12)


def numbers(*shape, scale=1.0):
    """Normal float32 numbers, as float64 with a gradient."""
    return (torch.randn(*shape, generator=generator) * scale).double().requires_grad_()


parameters = {
    "items.weight": numbers(ITEM_ROWS, WIDTH),
    "event_types.weight": numbers(TYPES, WIDTH),
    "gaps.weight": numbers(GAPS, WIDTH),
    "numbers.weight": numbers(WIDTH, NUMBERS),
    "item_attributes.weight": numbers(WIDTH, 3),
    "user_attributes.weight": numbers(WIDTH, 1),
    "positions.weight": numbers(POSITIONS, WIDTH),
    "norm.weight": numbers(WIDTH),
    "norm.bias": numbers(WIDTH),
}
for block in range(BLOCKS):
    for layer, shape in {
        "attention_norm.weight": [WIDTH], "attention_norm.bias": [WIDTH],
        "attention.weight": [3 * WIDTH, WIDTH], "attention.bias": [3 * WIDTH],
        "attention.out.weight": [WIDTH, WIDTH], "attention.out.bias": [WIDTH],
        "feed_forward_norm.weight": [WIDTH], "feed_forward_norm.bias": [WIDTH],
        "feed_forward.up.weight": [INNER, WIDTH], "feed_forward.up.bias": [INNER],
        "feed_forward.down.weight": [WIDTH, INNER], "feed_forward.down.bias": [WIDTH],
    }.items():
        parameters[f"blocks.{block}.{layer}"] = numbers(*shape, scale=0.3)


def linear(layer, x):
    """A linear layer."""
    return functional.linear(x, parameters[f"{layer}.weight"], parameters[f"{layer}.bias"])


def norm(layer, x):
    """A layer norm."""
    return functional.layer_norm(
        x, [WIDTH], parameters[f"{layer}.weight"], parameters[f"{layer}.bias"])


def attention(layer, x):
    """Attention of every event to all events of its sequence."""
    heads = linear(layer, x).view(len(x), 3, HEADS, -1).permute(1, 2, 0, 3)
    context = functional.scaled_dot_product_attention(*heads)
    return linear(f"{layer}.out", context.permute(1, 0, 2).flatten(1))


def states(sequence, number):
    """The states of one sequence, [time, WIDTH]."""
    table = {name.removesuffix(".weight"): values for name, values in parameters.items()}
    item = torch.tensor(sequence)
    event = torch.arange(len(sequence)) * 7 + item * 3 + number
    values = (event[:, None] * 5 + torch.arange(NUMBERS) * 3) % 11
    x = (table["items"][item] + table["event_types"][event % TYPES] + table["gaps"][event % GAPS]
         + (values.float() / 11 - 0.5).double() @ table["numbers"].T
         + ITEM_ATTRIBUTES[item].double() @ table["item_attributes"].T
         + USER_ATTRIBUTES[number].double() @ table["user_attributes"].T
         + table["positions"][:len(sequence)])
    for name in (f"blocks.{block}" for block in range(BLOCKS)):
        x = x + attention(f"{name}.attention", norm(f"{name}.attention_norm", x))
        inner = functional.gelu(
            linear(f"{name}.feed_forward.up", norm(f"{name}.feed_forward_norm", x)))
        x = x + linear(f"{name}.feed_forward.down", inner)
    return norm("norm", x)


def main():
    result = torch.cat([states(sequence, number) for number, sequence in enumerate(SEQUENCES)])
    weights = numbers(*result.shape).detach()
    (result * weights).sum().backward()
    arrays = {"states": result, "weights": weights}
    for name, values in parameters.items():
        arrays |= {name: values, f"{name}.gradient": values.grad}
    safetensors.numpy.save_file(
        {name: numpy.ascontiguousarray(values.detach().float().numpy())
         for name, values in arrays.items()},
        pathlib.Path(__file__).parent / "bert4rec.safetensors")


if __name__ == "__main__":
    main()
