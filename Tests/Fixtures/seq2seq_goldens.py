"""Makes seq2seq.safetensors and seq2seq_post.safetensors: states, the teacher-forced loss and every
gradient of it, of the model `seq2seq` by PyTorch; the second with norms after the parts and ReLU, as in
"Attention is all you need".

    pip install numpy safetensors==0.8.0 torch==2.13.0
    python seq2seq_goldens.py

Everything is computed in float64 from float32 numbers and rounded at the end. The inputs of events are
those of Tests/ClseqTestSupport/TestBatch.swift, functions of sequence, time and item; item 10 is the
start. Names are those of parameters with their gradients as NAME.gradient, `states` and `loss`.
"""

import pathlib

import numpy
import safetensors.numpy
import torch
from torch.nn import functional

SEQUENCES = [[3, 1, 4, 1, 10, 5, 9, 2, 6], [5, 10, 5], [10], [9, 7, 10, 3, 2]]
TARGETS = [5, 9, 2, 6, 7, 5, 8, 1, 3, 2, 4]
START, ITEMS = 10, 9
ITEM_ROWS, TYPES, GAPS, NUMBERS = 11, 4, 5, 2
ITEM_ATTRIBUTES = torch.tensor([place % 7 / 7 for place in range(33)]).view(ITEM_ROWS, 3)
USER_ATTRIBUTES = torch.tensor([place % 3 / 3 for place in range(10)]).view(10, 1)
READ, WRITTEN, WIDTH, HEADS, INNER, BLOCKS = 8, 5, 12, 2, 20, 2


def vectors(table, sequence, number):
    """The vectors of the events of a sequence, without positions, [time, WIDTH]."""
    item = torch.tensor(sequence)
    event = torch.arange(len(sequence)) * 7 + item * 3 + number
    values = (event[:, None] * 5 + torch.arange(NUMBERS) * 3) % 11
    return (table["items"][item] + table["event_types"][event % TYPES]
            + table["gaps"][event % GAPS]
            + (values.float() / 11 - 0.5).double() @ table["numbers"].T
            + ITEM_ATTRIBUTES[item].double() @ table["item_attributes"].T
            + USER_ATTRIBUTES[number].double() @ table["user_attributes"].T)


class Model:
    """Parameters and states of one form."""

    def __init__(self, norm, activation):
        self.generator = torch.Generator().manual_seed(15)
        self.is_pre, self.activation = norm == "pre", activation
        self.parameters = {
            "items.weight": self.numbers(ITEM_ROWS, WIDTH),
            "event_types.weight": self.numbers(TYPES, WIDTH),
            "gaps.weight": self.numbers(GAPS, WIDTH),
            "numbers.weight": self.numbers(WIDTH, NUMBERS),
            "item_attributes.weight": self.numbers(WIDTH, 3),
            "user_attributes.weight": self.numbers(WIDTH, 1),
            "encoder.positions.weight": self.numbers(READ, WIDTH),
            "decoder.positions.weight": self.numbers(WRITTEN, WIDTH),
        }
        for stack in ["encoder", "decoder"]:
            for block in range(BLOCKS):
                prefix = f"{stack}.blocks.{block}"
                self.declare_norm(f"{prefix}.attention_norm")
                self.declare(f"{prefix}.attention", 3 * WIDTH, WIDTH)
                self.declare(f"{prefix}.attention.out", WIDTH, WIDTH)
                if stack == "decoder":
                    self.declare(f"{prefix}.cross_attention.query", WIDTH, WIDTH)
                    self.declare(f"{prefix}.cross_attention", 2 * WIDTH, WIDTH)
                    self.declare(f"{prefix}.cross_attention.out", WIDTH, WIDTH)
                    self.declare_norm(f"{prefix}.cross_attention_norm")
                self.declare_norm(f"{prefix}.feed_forward_norm")
                self.declare(f"{prefix}.feed_forward.up", INNER, WIDTH)
                self.declare(f"{prefix}.feed_forward.down", WIDTH, INNER)
            if self.is_pre:
                self.declare_norm(f"{stack}.norm")

    def numbers(self, *shape, scale=1.0):
        """Normal float32 numbers, as float64 with a gradient."""
        values = torch.randn(*shape, generator=self.generator) * scale
        return values.double().requires_grad_()

    def declare(self, layer, outputs, inputs):
        """A linear layer's parameters."""
        self.parameters[f"{layer}.weight"] = self.numbers(outputs, inputs, scale=0.3)
        self.parameters[f"{layer}.bias"] = self.numbers(outputs, scale=0.3)

    def declare_norm(self, layer):
        """A layer norm's parameters."""
        self.parameters[f"{layer}.weight"] = self.numbers(WIDTH)
        self.parameters[f"{layer}.bias"] = self.numbers(WIDTH)

    def linear(self, layer, x):
        """A linear layer."""
        return functional.linear(
            x, self.parameters[f"{layer}.weight"], self.parameters[f"{layer}.bias"])

    def norm(self, layer, x):
        """A layer norm."""
        return functional.layer_norm(
            x, [WIDTH], self.parameters[f"{layer}.weight"], self.parameters[f"{layer}.bias"])

    def attend(self, layer, q, k, v, causal):
        """Attention in heads, of zeros where there are no keys."""
        q, k, v = (x.view(len(x), HEADS, WIDTH // HEADS).permute(1, 0, 2) for x in (q, k, v))
        if k.shape[1] == 0:
            context = torch.zeros_like(q)
        else:
            context = functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return self.linear(f"{layer}.out", context.permute(1, 0, 2).flatten(1))

    def add(self, name, x, part):
        """A part with its residual path and norm."""
        if self.is_pre:
            return x + part(self.norm(f"{name}_norm", x))
        return self.norm(f"{name}_norm", x + part(x))

    def stack(self, name, x, read=None):
        """The states of an encoder, or of a decoder that reads those of one."""
        for block in range(BLOCKS):
            layer = f"{name}.blocks.{block}"

            def attention(x):
                qkv = self.linear(f"{layer}.attention", x).chunk(3, 1)
                return self.attend(f"{layer}.attention", *qkv, causal=read is not None)

            def cross(x):
                inner = f"{layer}.cross_attention"
                q, (k, v) = self.linear(f"{inner}.query", x), self.linear(inner, read).chunk(2, 1)
                return self.attend(inner, q, k, v, causal=False)

            def feed_forward(x):
                inner = f"{layer}.feed_forward"
                return self.linear(
                    f"{inner}.down", self.activation(self.linear(f"{inner}.up", x)))

            x = self.add(f"{layer}.attention", x, attention)
            if read is not None:
                x = self.add(f"{layer}.cross_attention", x, cross)
            x = self.add(f"{layer}.feed_forward", x, feed_forward)
        return self.norm(f"{name}.norm", x) if self.is_pre else x

    def states(self, sequence, number):
        """The states of the start and the written events of one sequence, [count, WIDTH]."""
        table = {name.removesuffix(".weight"): values for name, values in self.parameters.items()}
        x = vectors(table, sequence, number)
        cut = sequence.index(START)
        # Positions of what is read count from its end.
        read = x[:cut] + table["encoder.positions"][:cut].flip(0)
        written = x[cut:] + table["decoder.positions"][:len(sequence) - cut]
        return self.stack("decoder", written, self.stack("encoder", read))


def main():
    """Writes both files."""
    for name, norm, activation in [
        ("seq2seq", "pre", functional.gelu), ("seq2seq_post", "post", functional.relu)
    ]:
        model = Model(norm, activation)
        states = torch.cat([model.states(*pair[::-1]) for pair in enumerate(SEQUENCES)])
        scores = states @ model.parameters["items.weight"][1:ITEMS + 1].T
        loss = functional.cross_entropy(scores, torch.tensor(TARGETS) - 1)
        loss.backward()
        arrays = {"states": states, "loss": loss.view(1)}
        for parameter, values in model.parameters.items():
            arrays |= {parameter: values, f"{parameter}.gradient": values.grad}
        safetensors.numpy.save_file(
            {key: numpy.ascontiguousarray(values.detach().float().numpy())
             for key, values in arrays.items()},
            pathlib.Path(__file__).parent / f"{name}.safetensors")


if __name__ == "__main__":
    main()
