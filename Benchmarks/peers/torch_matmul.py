"""PyTorch's products of matrices in float32, on a GPU those of cuBLAS; prints one JSON document.

Shapes and times as in `clseq bench matmul`: rounds of at least 30 ms that each end with the device
idle, median of 15.
"""

import argparse
import json
import statistics
import time

import torch

import torch_training


def operands(shape, device):
    """A, B and C of LAYOUT:MxNxK, the transposed ones as views of what lies in memory."""
    layout, sizes = shape.split(":")
    m, n, k = (int(size) for size in sizes.split("x"))
    a = torch.rand(*((k, m) if layout == "tn" else (m, k)), device=device) - 0.5
    b = torch.rand(*((n, k) if layout == "nt" else (k, n)), device=device) - 0.5
    return (a.T if layout == "tn" else a, b.T if layout == "nt" else b,
            torch.empty(m, n, device=device))


def seconds_of_rounds(call, options):
    """Seconds of one call in each of 15 rounds."""
    def seconds(calls):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        torch_training.wait(options)
        return (time.perf_counter() - start) / calls

    seconds(1)
    calls = int(0.03 / seconds(1)) + 1
    return [seconds(calls) for _ in range(15)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="+", help="as nt:25600x192x64")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    options = parser.parse_args()
    torch_training.prepare(options)
    rows = []
    for shape in options.shapes:
        a, b, c = operands(shape, options.device)
        seconds = seconds_of_rounds(lambda a=a, b=b, c=c: torch.mm(a, b, out=c), options)
        flops = 2 * a.shape[0] * a.shape[1] * b.shape[1]
        median = statistics.median(seconds)
        rows.append({"shape": shape, "milliseconds": 1000 * median,
                     "gflops": flops / median / 1e9, "best_gflops": flops / min(seconds) / 1e9})
    print(json.dumps({"system": "PyTorch", "version": torch.__version__, "shapes": rows,
                      **torch_training.device(options)}))


if __name__ == "__main__":
    main()
