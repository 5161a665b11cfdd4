"""Makes lstm_seq2seq.safetensors: states, the teacher-forced loss and every gradient of it, of the model
`lstm-seq2seq` by PyTorch.

    pip install numpy safetensors==0.8.0 torch==2.13.0
    python lstm_seq2seq_goldens.py

Everything is computed in float64 from float32 numbers and rounded at the end. Sequences, targets and inputs
are those of seq2seq_goldens.py, beside which it must lie. Names are those of parameters with their gradients
as NAME.gradient, `states` and `loss`.
"""

import pathlib

import numpy
import safetensors.numpy
import torch
from torch.nn import functional

import seq2seq_goldens as common

WIDTH, HIDDEN = common.WIDTH, 14
generator = torch.Generator().manual_seed(16)


def numbers(*shape, scale=1.0):
    """Normal float32 numbers, as float64 with a gradient."""
    return (torch.randn(*shape, generator=generator) * scale).double().requires_grad_()


parameters = {
    "items.weight": numbers(common.ITEM_ROWS, WIDTH),
    "event_types.weight": numbers(common.TYPES, WIDTH),
    "gaps.weight": numbers(common.GAPS, WIDTH),
    "numbers.weight": numbers(WIDTH, common.NUMBERS),
    "item_attributes.weight": numbers(WIDTH, 3),
    "user_attributes.weight": numbers(WIDTH, 1),
    "attention.query.weight": numbers(HIDDEN, HIDDEN, scale=0.5),
    "attention.out.weight": numbers(HIDDEN, 2 * HIDDEN, scale=0.5),
    "attention.out.bias": numbers(HIDDEN, scale=0.5),
    "output.weight": numbers(WIDTH, HIDDEN, scale=0.5),
    "output.bias": numbers(WIDTH, scale=0.5),
}
for stack in ["encoder", "decoder"]:
    parameters |= {
        f"{stack}.weight_ih_l0": numbers(4 * HIDDEN, WIDTH, scale=0.3),
        f"{stack}.weight_hh_l0": numbers(4 * HIDDEN, HIDDEN, scale=0.3),
        f"{stack}.bias_ih_l0": numbers(4 * HIDDEN, scale=0.3),
        f"{stack}.bias_hh_l0": numbers(4 * HIDDEN, scale=0.3),
    }


def lstm(stack, x, state):
    """h after each event, and the state after the last one; that before where there is none."""
    if len(x) == 0:
        return torch.zeros(0, HIDDEN).double(), state
    own = {
        name.removeprefix(f"{stack}."): values
        for name, values in parameters.items() if name.startswith(f"{stack}.")
    }
    return torch.func.functional_call(torch.nn.LSTM(WIDTH, HIDDEN).double(), own, (x, state))


def states(sequence, number):
    """The states of the start and the written events of one sequence, [count, WIDTH]."""
    table = {name.removesuffix(".weight"): values for name, values in parameters.items()}
    x = common.vectors(table, sequence, number)
    cut = sequence.index(common.START)
    zeros = torch.zeros(1, HIDDEN).double()
    read, last = lstm("encoder", x[:cut], (zeros, zeros))
    own, _ = lstm("decoder", x[cut:], last)
    scores = own @ table["attention.query"].T @ read.T / HIDDEN ** 0.5
    context = torch.softmax(scores, 1) @ read
    attended = torch.tanh(functional.linear(
        torch.cat([context, own], 1), table["attention.out"], parameters["attention.out.bias"]))
    return functional.linear(attended, table["output"], parameters["output.bias"])


def main():
    """Writes the file."""
    result = torch.cat([states(*pair[::-1]) for pair in enumerate(common.SEQUENCES)])
    scores = result @ parameters["items.weight"][1:common.ITEMS + 1].T
    loss = functional.cross_entropy(scores, torch.tensor(common.TARGETS) - 1)
    loss.backward()
    arrays = {"states": result, "loss": loss.view(1)}
    for name, values in parameters.items():
        arrays |= {name: values, f"{name}.gradient": values.grad}
    safetensors.numpy.save_file(
        {name: numpy.ascontiguousarray(values.detach().float().numpy())
         for name, values in arrays.items()},
        pathlib.Path(__file__).parent / "lstm_seq2seq.safetensors")


if __name__ == "__main__":
    main()
