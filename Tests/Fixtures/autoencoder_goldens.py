"""Makes autoencoder.safetensors, autoencoder_gru.safetensors, autoencoder_transformer.safetensors,
conv_autoencoder.safetensors and vae.safetensors: states, losses and every gradient of the sum of the losses, of the
models `autoencoder`, `conv-autoencoder` and `vae` by PyTorch.

    pip install numpy safetensors==0.8.0 torch==2.13.0
    python autoencoder_goldens.py

Everything is computed in float64 from float32 numbers and rounded at the end. Inputs are those of
seq2seq_goldens.py, beside which it must lie. The losses are the mean cross-entropy of an event's item and, of the
`vae`, half the divergence of codes from N(0, 1) by event. The logarithms of its variances are near -60, so that the
numbers that are drawn add nothing. Names are those of parameters with their gradients as NAME.gradient, `states` and
`losses`.
"""

import pathlib

import numpy
import safetensors.numpy
import torch
from torch.nn import functional

import seq2seq_goldens as common

SEQUENCES = [[3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5], [8], [9, 7, 9, 3, 2]]
WIDTH, HIDDEN, CODE, TAPS, POSITIONS, BETA = common.WIDTH, 14, 5, 3, 9, 0.5


class Model:
    """Parameters and states of one form."""

    def __init__(self, encoder, is_variational=False):
        self.encoder, self.is_variational = encoder, is_variational
        self.generator = torch.Generator().manual_seed(17)
        self.parameters = {
            "items.weight": self.numbers(common.ITEM_ROWS, WIDTH),
            "event_types.weight": self.numbers(common.TYPES, WIDTH),
            "gaps.weight": self.numbers(common.GAPS, WIDTH),
            "numbers.weight": self.numbers(WIDTH, common.NUMBERS),
            "item_attributes.weight": self.numbers(WIDTH, 3),
            "user_attributes.weight": self.numbers(WIDTH, 1),
        }
        read = HIDDEN if encoder in ["lstm", "gru"] else WIDTH
        if encoder in ["lstm", "gru"]:
            self.declare_layers("encoder", 4 if encoder == "lstm" else 3)
        else:
            self.parameters["encoder.positions.weight"] = self.numbers(POSITIONS, WIDTH)
        if encoder == "conv":
            for layer in range(2):
                self.declare(f"encoder.filters.{layer}", WIDTH, TAPS * WIDTH)
        if encoder == "transformer":
            self.blocks = common.Model("pre", functional.gelu)
            self.parameters |= {
                name: values for name, values in self.blocks.parameters.items()
                if name.startswith("encoder.") and "positions" not in name
            }
        for name in ["code.mean", "code.log_variance"] if is_variational else ["code"]:
            self.declare(name, CODE, read)
        if is_variational:
            with torch.no_grad():
                self.parameters["code.log_variance.weight"] *= 0.1
                self.parameters["code.log_variance.bias"] -= 60
        self.declare_layers("decoder", 4)
        self.declare("decoder.hidden.0", HIDDEN, CODE)
        self.declare("decoder.cell.0", HIDDEN, CODE)
        self.declare("decoder.code", WIDTH, CODE)
        self.declare("decoder.output", WIDTH, HIDDEN)

    def numbers(self, *shape, scale=1.0):
        """Normal float32 numbers, as float64 with a gradient."""
        values = torch.randn(*shape, generator=self.generator) * scale
        return values.double().requires_grad_()

    def declare(self, layer, outputs, inputs):
        """A linear layer's parameters."""
        self.parameters[f"{layer}.weight"] = self.numbers(outputs, inputs, scale=0.3)
        self.parameters[f"{layer}.bias"] = self.numbers(outputs, scale=0.3)

    def declare_layers(self, name, gates):
        """One recurrent layer's parameters."""
        self.parameters |= {
            f"{name}.weight_ih_l0": self.numbers(gates * HIDDEN, WIDTH, scale=0.3),
            f"{name}.weight_hh_l0": self.numbers(gates * HIDDEN, HIDDEN, scale=0.3),
            f"{name}.bias_ih_l0": self.numbers(gates * HIDDEN, scale=0.3),
            f"{name}.bias_hh_l0": self.numbers(gates * HIDDEN, scale=0.3),
        }

    def linear(self, layer, x):
        """A linear layer."""
        return functional.linear(
            x, self.parameters[f"{layer}.weight"], self.parameters[f"{layer}.bias"])

    def recurrent(self, name, layer, x, *state):
        """h after each event."""
        own = {
            key.removeprefix(f"{name}."): values for key, values in self.parameters.items()
            if key.startswith(f"{name}.") and key.endswith("_l0")
        }
        return torch.func.functional_call(layer(WIDTH, HIDDEN).double(), own, (x, *state))[0]

    def read(self, x):
        """The vector of a sequence, from those of its events."""
        if self.encoder == "lstm":
            return self.recurrent("encoder", torch.nn.LSTM, x)[-1]
        if self.encoder == "gru":
            return self.recurrent("encoder", torch.nn.GRU, x)[-1]
        x = x + self.parameters["encoder.positions.weight"][:len(x)]
        if self.encoder == "transformer":
            return self.blocks.stack("encoder", x).mean(0)
        for layer in range(2):
            padded = functional.pad(x, [0, 0, (TAPS - 1) * (layer + 1), 0])
            seen = torch.cat(
                [padded[tap * (layer + 1):tap * (layer + 1) + len(x)] for tap in range(TAPS)], 1)
            x = functional.relu(self.linear(f"encoder.filters.{layer}", seen))
        return x.mean(0)

    def states(self, sequence, number):
        """The states of the events of one sequence, and the divergence of its code."""
        table = {name.removesuffix(".weight"): values for name, values in self.parameters.items()}
        read = self.read(common.vectors(table, sequence, number))
        if self.is_variational:
            code, log_variance = self.linear("code.mean", read), self.linear("code.log_variance", read)
            divergence = ((log_variance.exp() + code ** 2 - 1 - log_variance) / 2).sum()
        else:
            code, divergence = self.linear("code", read), torch.zeros(()).double()
        given = table["items"][torch.tensor([0] + sequence[:-1])] + self.linear("decoder.code", code)
        first = (torch.tanh(self.linear("decoder.hidden.0", code))[None],
                 self.linear("decoder.cell.0", code)[None])
        return self.linear(
            "decoder.output", self.recurrent("decoder", torch.nn.LSTM, given, first)), divergence


def main():
    """Writes all files."""
    for name, model in {
        "autoencoder": Model("lstm"), "autoencoder_gru": Model("gru"),
        "autoencoder_transformer": Model("transformer"), "conv_autoencoder": Model("conv"),
        "vae": Model("lstm", is_variational=True),
    }.items():
        parts = [model.states(*pair[::-1]) for pair in enumerate(SEQUENCES)]
        states = torch.cat([part[0] for part in parts])
        scores = states @ model.parameters["items.weight"][1:common.ITEMS + 1].T
        losses = [functional.cross_entropy(scores, torch.tensor(sum(SEQUENCES, [])) - 1)]
        if model.is_variational:
            losses.append(BETA * sum(part[1] for part in parts) / len(states))
        sum(losses).backward()
        arrays = {"states": states, "losses": torch.stack(losses)}
        for parameter, values in model.parameters.items():
            gradient = torch.zeros_like(values) if values.grad is None else values.grad
            arrays |= {parameter: values, f"{parameter}.gradient": gradient}
        safetensors.numpy.save_file(
            {key: numpy.ascontiguousarray(values.detach().float().numpy())
             for key, values in arrays.items()},
            pathlib.Path(__file__).parent / f"{name}.safetensors")


if __name__ == "__main__":
    main()
