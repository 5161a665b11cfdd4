"""Makes supervised.safetensors: losses of rows, causal windows and target attention by PyTorch.

    pip install numpy safetensors==0.8.0 torch==2.15.0
    python supervised_goldens.py

Everything is computed in float64 from float32 inputs and rounded at the end. Integers are kept as
float32. Names are CASE.INPUT, CASE.out or CASE.loss, and CASE.INPUT.gradient.
"""

import pathlib

import numpy
import safetensors.numpy
import torch
from torch.nn import functional

LENGTHS = [1, 4, 6]
generator = torch.Generator().manual_seed(7)
arrays = {}


def save(name, values):
    arrays[name] = values.detach().to(torch.float32).contiguous().numpy()


def numbers(*shape, scale=1.0):
    """Normal float32 numbers, as float64 with a gradient."""
    values = torch.randn(*shape, generator=generator) * scale
    return values.to(torch.float64).requires_grad_()


def save_case(case, result, inputs):
    """The inputs, the result, and the gradients of a weighted sum of the result."""
    if result.ndim == 0:
        save(f"{case}.loss", result)
        result.backward()
    else:
        weights = numbers(*result.shape).detach()
        save(f"{case}.out", result)
        save(f"{case}.weights", weights)
        (result * weights).sum().backward()
    for name, values in inputs.items():
        save(f"{case}.{name}", values)
        save(f"{case}.{name}.gradient", values.grad)


def row_losses():
    rows, columns, scale = 7, 5, 0.25
    weights = torch.rand(rows, generator=generator).double()
    classes = torch.tensor([0, 4, 2, 2, 1, 3, 4])
    class_weights = torch.rand(columns, generator=generator).double()
    targets = numbers(rows, columns).detach()
    shares = torch.rand(rows, columns, generator=generator).double()
    bins, observed = torch.tensor([0, 4, 2, 2, 5, 0, 1]), torch.tensor([1, 1, 0, 1, 0, 0, 1])
    for name, values in {
        "weights": weights, "classes": classes, "classWeights": class_weights, "targets": targets,
        "shares": shares, "bins": bins, "observed": observed,
    }.items():
        save(f"rowLoss.{name}", values)

    def hazard(z):
        column = torch.arange(columns)
        event = ((column == bins[:, None]) & (observed[:, None] == 1)).double()
        at_risk = (column < bins[:, None]) | (event == 1)
        return functional.binary_cross_entropy_with_logits(z, event, reduction="none") * at_risk

    losses = {
        "softmax": lambda z: functional.cross_entropy(
            z, classes, weight=class_weights, reduction="none"),
        "binary": lambda z: functional.binary_cross_entropy_with_logits(
            z, shares, reduction="none").sum(1),
        "squared": lambda z: functional.mse_loss(z, targets, reduction="none").sum(1),
        "absolute": lambda z: functional.l1_loss(z, targets, reduction="none").sum(1),
        "huber": lambda z: functional.huber_loss(z, targets, reduction="none", delta=0.7).sum(1),
        "hazard": lambda z: hazard(z).sum(1),
    }
    for name, loss in losses.items():
        outputs = numbers(rows, columns, scale=2)
        save_case(name, scale * (weights * loss(outputs)).sum(), {"outputs": outputs})


def by_sequence(x, function):
    return torch.cat([function(part) for part in torch.split(x, LENGTHS)])


def causal_windows():
    """A convolution of width 3 and dilation 2, a maximum over 3, Caser's vertical convolution."""
    count, channels, filters = sum(LENGTHS), 3, 4
    x, kernel = numbers(count, channels), numbers(filters, channels, 3)
    convolved = by_sequence(x, lambda part: functional.conv1d(
        functional.pad(part.T[None], (4, 0)), kernel, dilation=2)[0].T)
    save_case("convolution", convolved, {"x": x, "kernel": kernel})
    x = numbers(count, channels)
    largest = by_sequence(x, lambda part: functional.max_pool1d(
        functional.pad(part.T[None], (2, 0), value=-torch.inf), 3, stride=1)[0].T)
    save_case("maximum", largest, {"x": x})
    x, kernel = numbers(count, channels), numbers(filters, 5)
    vertical = by_sequence(x, lambda part: functional.conv2d(
        functional.pad(part[None, None], (0, 0, 4, 0)), kernel[:, None, :, None])[0]
        .permute(1, 0, 2).reshape(len(part), -1))
    save_case("vertical", vertical, {"x": x, "kernel": kernel})


def target_attention():
    """Deep interest network's attention as one dense layer over [query, key, product]."""
    count, width, hidden, window = sum(LENGTHS), 3, 5, 4
    q, k = numbers(count, width), numbers(count, width)
    query_part, key_part = numbers(count, hidden), numbers(count, hidden)
    product, output = numbers(hidden, width), numbers(hidden)
    rows, start = [], 0
    for length in LENGTHS:
        for n in range(start, start + length):
            total = torch.zeros(width, dtype=torch.float64)
            for m in range(max(start, n - window), n):
                h = torch.sigmoid(query_part[n] + key_part[m] + product @ (q[n] * k[m]))
                total = total + (output @ h) * k[m]
            rows.append(total)
        start += length
    save_case("targetAttention", torch.stack(rows), {
        "q": q, "k": k, "queryPart": query_part, "keyPart": key_part, "product": product,
        "output": output})


def main():
    row_losses()
    causal_windows()
    target_attention()
    safetensors.numpy.save_file(
        {name: numpy.ascontiguousarray(values) for name, values in arrays.items()},
        pathlib.Path(__file__).parent / "supervised.safetensors")


if __name__ == "__main__":
    main()
