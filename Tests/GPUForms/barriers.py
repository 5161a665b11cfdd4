#!/usr/bin/env python3
"""Removes each barrier of the kernels' GPU forms once, and sees whether a checker notices.

    Tests/GPUForms/barriers.py CLSEQ KERNELCHECK [KERNELS]

The first is `clseq doctor`: on pocl a work-group's items run one after another between barriers, so that
most missing ones give wrong numbers. The others have no consequence there; oclgrind reports them as races
or uninitialised reads. Prints the barriers whose loss neither notices; status 1 if there are any.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile


# The cases of the kernel check that launch the kernels of a file, by how its name begins.
CASES = {
    "attention_weights": ["rows"], "attention": ["attention"], "linear_cross": ["crossEntropy"],
    "matmul": ["products"], "ranking": ["ranking"], "recurrent": ["recurrence"], "row_loss": ["rowLosses"],
    "sampled_loss": ["sampledLosses"], "target_attention": ["targetAttention"],
    "tile": ["products", "crossEntropy"], "prelude": ["rows", "sampledLosses"],
    "layer_norm": ["norms"],
}
# The form in which they run, if not gpu.
FORMS = {"tile_mma": "tf32"}


def main():
    clseq, check = (os.path.abspath(path) for path in sys.argv[1:3])
    kernels = sys.argv[3] if len(sys.argv) > 3 else "Kernels/OpenCL"
    unnoticed = []
    count = races = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "kernels")
        shutil.copytree(kernels, copy)
        environment = dict(os.environ, POCL_CACHE_DIR=os.path.join(folder, "pocl"))
        os.mkdir(environment["POCL_CACHE_DIR"])

        def notices():
            done = subprocess.run(
                [clseq, "doctor", "--tuning", "gpu", "--quiet", "--kernels", copy], env=environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=300)
            return done.returncode != 0

        def reports(name):
            cases = next(cases for start, cases in CASES.items() if name.startswith(start))
            done = subprocess.run(
                ["oclgrind", "--max-errors", "10", "--data-races", "--uniform-writes",
                 "--uninitialized", check, "--kernels", copy,
                 FORMS.get(name.removesuffix(".cl"), "gpu"), *cases],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=900)
            return b"Kernel:" in done.stderr  # a part of every report

        if notices():
            sys.exit("barriers: the kernels as they are do not pass")
        for name in sorted(os.listdir(copy)):
            # The CPU form has work-groups of one item.
            if name.endswith("_cpu.cl"):
                continue
            path = os.path.join(copy, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for barrier in re.finditer(r"barrier\([A-Z_ |]*\)", text):
                count += 1
                line = text.count("\n", 0, barrier.start()) + 1
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text[:barrier.start()] + "(void)0" + text[barrier.end():])
                if notices():
                    continue
                races += 1
                if not reports(name):
                    unnoticed.append(f"{name}:{line}")
                    print(f"barriers: {name}:{line} is not noticed", flush=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    print(f"barriers: {count - len(unnoticed)} of {count} are noticed, {count - races} by wrong numbers")
    sys.exit(1 if unnoticed else 0)


if __name__ == "__main__":
    main()
