"""Makes recurrent.safetensors: results and every gradient of PyTorch's nn.LSTM and nn.GRU.

    pip install torch==2.15.0 safetensors==0.8.0
    python recurrent_goldens.py

Computed in double precision from numbers that float32 holds, and rounded to float32. The batch has
sequences of the lengths below; rows of sequences lie one behind another, as in a ragged batch.
"""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

LENGTHS = [3, 6, 1, 4]
INPUTS = 5
CASES = {
    "lstm": (nn.LSTM(INPUTS, 7, num_layers=2), False),
    "stacked": (nn.LSTM(INPUTS, 8, num_layers=2), True),
    "stateful": (nn.LSTM(INPUTS, 9), True),
    "gru": (nn.GRU(INPUTS, 7, num_layers=2), False),
    "stateful_gru": (nn.GRU(INPUTS, 10), True),
}


def random(generator, *shape):
    return (4 * torch.rand(shape, generator=generator) - 2).double()


def case(layer, has_state, generator):
    """Returns arrays by name: inputs, parameters, results and gradients."""
    for parameter in layer.parameters():
        parameter.data = random(generator, *parameter.shape).float()
    layer = layer.double()
    x = random(generator, sum(LENGTHS), INPUTS).requires_grad_()
    widths = [layer.hidden_size] * (2 if isinstance(layer, nn.LSTM) else 1)
    state = [random(generator, layer.num_layers, len(LENGTHS), w).requires_grad_()
             for w in widths] if has_state else []
    packed = pack_padded_sequence(
        pad_sequence(x.split(LENGTHS)), LENGTHS, enforce_sorted=False)
    if state:
        packed_output, final = layer(packed, tuple(state) if len(widths) > 1 else state[0])
    else:
        packed_output, final = layer(packed)
    final = list(final) if len(widths) > 1 else [final]
    padded, _ = pad_packed_sequence(packed_output)
    output = torch.cat([padded[:length, b] for b, length in enumerate(LENGTHS)])

    dy = random(generator, *output.shape)
    dfinal = [random(generator, *f.shape) for f in final]
    loss = (output * dy).sum()
    if has_state:
        loss = loss + sum((f * d).sum() for f, d in zip(final, dfinal))
    loss.backward()

    arrays = {"x": x, "dy": dy, "output": output, "dx": x.grad}
    for letter, index in zip("hc", range(len(final))):
        for number in range(layer.num_layers):
            arrays[f"{letter}n_l{number}"] = final[index][number]
            if has_state:
                arrays[f"{letter}0_l{number}"] = state[index][number]
                arrays[f"d{letter}n_l{number}"] = dfinal[index][number]
                arrays[f"d{letter}0_l{number}"] = state[index].grad[number]
    for name, parameter in layer.named_parameters():
        arrays[f"layer.{name}"] = parameter
        arrays[f"dlayer.{name}"] = parameter.grad
    return arrays


def main():
    generator = torch.Generator().manual_seed(1)
    tensors = {}
    for name, (layer, has_state) in CASES.items():
        for key, value in case(layer, has_state, generator).items():
            tensors[f"{name}.{key}"] = value.detach().float().contiguous()
    save_file(tensors, pathlib.Path(__file__).parent / "recurrent.safetensors")


if __name__ == "__main__":
    main()
