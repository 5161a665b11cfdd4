"""Makes dlrm.safetensors: states and every gradient of the model `dlrm` by PyTorch.

    pip install numpy safetensors==0.8.0 torch==2.13.0
    python dlrm_goldens.py

Everything is computed in float64 from float32 numbers and rounded at the end. The inputs of events are
those of Tests/ClseqTestSupport/TestBatch.swift, functions of sequence, time and item. Names are those of
parameters with their gradients as NAME.gradient, and `states` with the `weights` of the sum whose
gradients they are.
"""

import pathlib

import numpy
import safetensors.numpy
import torch
from torch.nn import functional

SEQUENCES = [[3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5], [8], [9, 7, 9, 3, 2]]
ITEMS, TYPES, GAPS, NUMBERS = 9, 4, 5, 2
ITEM_ATTRIBUTES = torch.tensor([place % 7 / 7 for place in range(30)]).view(10, 3)
USER_ATTRIBUTES = torch.tensor([place % 3 / 3 for place in range(10)]).view(10, 1)
WIDTH, INNER, DENSE, WINDOW = 12, 20, 18, 3
FEATURES = 6
VECTORS = FEATURES + WINDOW

generator = torch.Generator().manual_seed(11)


def numbers(*shape, scale=1.0):
    """Normal float32 numbers, as float64 with a gradient."""
    return (torch.randn(*shape, generator=generator) * scale).double().requires_grad_()


parameters = {
    "items.weight": numbers(1 + ITEMS, WIDTH),
    "event_types.weight": numbers(TYPES, WIDTH),
    "gaps.weight": numbers(GAPS, WIDTH),
    "numbers.weight": numbers(WIDTH, NUMBERS),
    "item_attributes.weight": numbers(WIDTH, 3),
    "user_attributes.weight": numbers(WIDTH, 1),
    "bottom.weight": numbers(WIDTH, VECTORS * WIDTH, scale=0.1),
    "bottom.bias": numbers(WIDTH),
    "dense.0.weight": numbers(INNER, WIDTH + VECTORS * (VECTORS - 1) // 2, scale=0.05),
    "dense.0.bias": numbers(INNER),
    "dense.1.weight": numbers(DENSE, INNER, scale=0.1),
    "dense.1.bias": numbers(DENSE),
}


def dense(layer, x):
    """A linear layer with ReLU."""
    return functional.relu(
        functional.linear(x, parameters[f"{layer}.weight"], parameters[f"{layer}.bias"]))


def states(sequence, number):
    """The states of one sequence, [time, DENSE]."""
    table = {name.removesuffix(".weight"): values for name, values in parameters.items()}
    item = torch.tensor(sequence)
    event = torch.arange(len(sequence)) * 7 + item * 3 + number
    values = (event[:, None] * 5 + torch.arange(NUMBERS) * 3) % 11
    common = {
        "item": table["items"][item],
        "gap": table["gaps"][event % GAPS],
        "numbers": (values.float() / 11 - 0.5).double() @ table["numbers"].T,
        "item attributes": ITEM_ATTRIBUTES[item].double() @ table["item_attributes"].T,
        "user attributes": USER_ATTRIBUTES[number].double() @ table["user_attributes"].T,
    }
    common["user attributes"] = common["user attributes"].expand(len(sequence), -1)
    before, own = (table["event_types"][(event + shift) % TYPES] for shift in (0, 1))
    features = [common["item"], before, *list(common.values())[1:]]
    history = sum(common.values()) + own
    # The events before each event, the oldest first, zeros before the start.
    padded = functional.pad(history, (0, 0, WINDOW, 0))
    last = [padded[shift:shift + len(sequence)] for shift in range(WINDOW)]
    x = torch.stack(features + last, 1)
    products = x @ x.transpose(1, 2)
    rows, columns = torch.tril_indices(VECTORS, VECTORS, -1)
    y = torch.cat([dense("bottom", x.flatten(1)), products[:, rows, columns]], 1)
    return dense("dense.1", dense("dense.0", y))


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
        pathlib.Path(__file__).parent / "dlrm.safetensors")


if __name__ == "__main__":
    main()
