"""Makes state_space.safetensors: results and every gradient of state-space layers written in PyTorch.

    pip install torch==2.13.0 safetensors==0.8.0
    python state_space_goldens.py

The recurrences are loops over events in complex or real double precision; the convolution is nn.Conv1d. Numbers are
those that float32 holds, and results are rounded to float32. Sequences have the lengths below; rows lie one behind another.
"""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import gelu

LENGTHS = [3, 6, 1, 4]
WIDTH, CHANNELS, GAPS, TAPS = 5, 7, 3, 4


def random(generator, *shape):
    return (2 * torch.rand(shape, generator=generator) - 1).double()


def scan(x, poles, steps):
    """h_t = a_t h_(t-1) + sqrt(1 - |a_t|^2) x_t of one sequence."""
    h, states = torch.zeros_like(x[0]), []
    for value, step in zip(x, steps):
        a = torch.exp(step * poles)
        h = a * h + torch.sqrt(1 - a.abs() ** 2) * value
        states.append(h)
    return torch.stack(states)


def linear(p, x, gaps):
    poles = torch.complex(-torch.exp(p["decay"]), torch.exp(p["frequency"]))
    steps = 2 * torch.sigmoid(p["gap_steps.weight"][gaps])
    real, imaginary = (x @ p["input.weight"].T + p["input.bias"]).chunk(2, dim=1)
    h = scan(torch.complex(real, imaginary), poles, steps)
    return torch.cat([h.real, h.imag], dim=1) @ p["output.weight"].T + p["output.bias"]


def selective(p, x, gaps):
    def affine(name, values):
        return values @ p[name + ".weight"].T + p[name + ".bias"]

    # The weight of the event itself comes first here, and last in a convolution over padded rows.
    kernel = p["convolution.weight"].flip(0).T[:, None]
    padded = nn.functional.pad(affine("input", x).T[None], (TAPS - 1, 0))
    v = nn.functional.conv1d(padded, kernel, p["convolution.bias"], groups=CHANNELS)[0].T
    steps = 2 * torch.sigmoid(affine("step", v) + p["gap_steps.weight"][gaps])
    h = scan(torch.sigmoid(affine("input_gate", v)) * v, -torch.exp(p["decay"]), steps)
    return affine("output", h * gelu(affine("gate", x)))


SHAPES = {
    "linear": {
        "input.weight": (2 * CHANNELS, WIDTH), "input.bias": (2 * CHANNELS,),
        "decay": (CHANNELS,), "frequency": (CHANNELS,),
        "output.weight": (WIDTH, 2 * CHANNELS), "output.bias": (WIDTH,),
    },
    "selective": {
        "input.weight": (CHANNELS, WIDTH), "input.bias": (CHANNELS,),
        "convolution.weight": (TAPS, CHANNELS), "convolution.bias": (CHANNELS,),
        "step.weight": (CHANNELS, CHANNELS), "step.bias": (CHANNELS,),
        "input_gate.weight": (CHANNELS, CHANNELS), "input_gate.bias": (CHANNELS,),
        "gate.weight": (CHANNELS, WIDTH), "gate.bias": (CHANNELS,), "decay": (CHANNELS,),
        "output.weight": (WIDTH, CHANNELS), "output.bias": (WIDTH,),
    },
}


def case(name, layer, generator):
    shapes = SHAPES[name] | {"gap_steps.weight": (GAPS, CHANNELS)}
    p = {key: random(generator, *shape).float().double().requires_grad_()
         for key, shape in shapes.items()}
    n = sum(LENGTHS)
    x = random(generator, n, WIDTH).float().double().requires_grad_()
    gaps = torch.arange(n) % GAPS
    output = torch.cat([layer(p, rows, codes)
                        for rows, codes in zip(x.split(LENGTHS), gaps.split(LENGTHS))])
    dy = random(generator, *output.shape).float().double()
    (output * dy).sum().backward()
    arrays = {"x": x, "dy": dy, "output": output, "dx": x.grad}
    for key, value in p.items():
        arrays["layer." + key] = value
        arrays["dlayer." + key] = value.grad
    return {f"{name}.{key}": value.detach().float().contiguous() for key, value in arrays.items()}


def main():
    generator = torch.Generator().manual_seed(11)
    arrays = {}
    for name, layer in (("linear", linear), ("selective", selective)):
        arrays |= case(name, layer, generator)
    save_file(arrays, pathlib.Path(__file__).with_name("state_space.safetensors"))


if __name__ == "__main__":
    main()
