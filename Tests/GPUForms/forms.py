#!/usr/bin/env python3
"""Compiles the GPU forms of all kernels by the compilers of GPU vendors, without a GPU.

    Tests/GPUForms/forms.py CLSEQ [--short] [--tools DIR] [--table FILE]

CLSEQ is the binary, which writes the programs of each model (`clseq plan --programs`). DIR holds the
compilers that are no packages of Debian: nvidia/ and intel/, as Scripts/check gpu puts them there. Fails
on what a GPU would run badly or not at all; the limits are at the top of this file. --table writes the
facts of the default models as Markdown, and keeps what Scripts/gpu measured.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
import tempfile

from toolchains import AMD, CompileError, Intel, NVIDIA

# Limits of every kernel: bytes of local memory (the least that OpenCL 1.2 lets a GPU have), items of a
# group (AMD's largest), registers of an item in a group of 256 (half of NVIDIA's file of 64 Ki), groups
# along the second and third axis (CUDA's).
LOCAL_BYTES, GROUP_ITEMS, REGISTERS_OF_256, LONG_AXIS = 32 << 10, 256, 128, 65_535
# Multiply-adds in the hottest loop, at least, of kernels whose names begin so.
SHARES = {"matmul_tile": .70, "linear_cross_entropy_exponentials": .70,
          "linear_cross_entropy_score": .70, "linear_cross_entropy_input": .70,
          "linear_cross_entropy_table": .70, "attention_forward": .65, "attention_backward": .65}
# Groups of the largest launch of those kernels, at least: four for each unit of a device with 132. The
# scores of an evaluation's batch are left out, beside whose forward pass they are little.
GROUPS = 4 * 132
# Groups of a recurrence: one for each sequence of a batch, several in the form for many units.
RECURRENCES, SEQUENCES = ("lstm_", "gru_"), 128
# Launches of a training step, at most.
LAUNCHES = {"transformer": 60, "lstm": 25, "gru": 25}
# Catalogues for which that is seen, by their numbers of items.
CATALOGUES = (3_416, 100_000, 1_000_000)
# The device whose machine code is read.
READ = "sm_90"

# Stands for the path of a log with labels; the others take the built-in log.
CLICKS = "CLICKS"
# Stands for the path of a run on the built-in log, which others learn from.
TEACHER = "TEACHER"

# What is compiled: the settings of `clseq plan`, by name. Those of DEFAULTS stand in the table.
DEFAULTS = {
    "transformer": [],
    "transformer, tf32": ["--precision", "tf32"],
    "transformer, bf16": ["--precision", "bf16"],
    "bert4rec": ["--model", "bert4rec"],
    "lstm": ["--model", "lstm"],
    "gru": ["--model", "gru"],
    "lstm-attention": ["--task", "next-event-type", "--model", "lstm-attention"],
    "transformer-ctr": [CLICKS, "--task", "click", "--model", "transformer-ctr"],
    "din": [CLICKS, "--task", "click", "--model", "din"],
    "dlrm": [CLICKS, "--task", "click", "--model", "dlrm"],
    "mlp": [CLICKS, "--task", "click", "--model", "mlp"],
    "cnn": ["--task", "next-event-type", "--model", "cnn"],
}
VARIANTS = {
    "heads of 8": ["--hidden-size", "32", "--heads", "4"],
    "heads of 16": ["--hidden-size", "64", "--heads", "4"],
    "heads of 64": ["--hidden-size", "128", "--heads", "2"],
    "heads of 128, no dropout": ["--hidden-size", "256", "--heads", "2", "--dropout", "0"],
    "heads of 128": ["--hidden-size", "512", "--heads", "4"],
    "no dropout": ["--dropout", "0"],
    "storage in bf16": ["--storage", "bf16"],
    "storage in bf16, products too": ["--storage", "bf16", "--precision", "bf16"],
    "sampled softmax, storage in bf16": ["--loss", "sampled-softmax", "--negatives", "512", "--storage", "bf16"],
    "bce, storage in bf16": ["--loss", "bce", "--negatives", "1", "--storage", "bf16"],
    "bce": ["--loss", "bce", "--negatives", "1"],
    "gbce": ["--loss", "gbce", "--negatives", "256"],
    "sampled softmax": ["--loss", "sampled-softmax", "--negatives", "512"],
    "smoothed labels": ["--label-smoothing", "0.1"],
    "teacher": ["--teacher", TEACHER],
    "seq2seq": ["--model", "seq2seq"],
    "lstm-seq2seq": ["--model", "lstm-seq2seq"],
    "scheduled sampling": ["--model", "seq2seq", "--scheduled-sampling", "0.5"],
    "lstm of 256": ["--model", "lstm", "--recurrent-sizes", "256"],
    "gru of 512": ["--model", "gru", "--recurrent-sizes", "512"],
    "lstm of 32": ["--model", "lstm", "--recurrent-sizes", "32"],
}


def plan(clseq, settings, folder):
    """The programs of a training, and the number of launches in a step."""
    done = subprocess.run(
        [clseq, "plan", "--tuning", "gpu", "--quiet", "--format", "json", "--programs", folder, *settings],
        check=True, stdout=subprocess.PIPE)
    launches = json.loads(done.stdout)["launches_per_step"]
    with open(os.path.join(folder, "programs.json"), encoding="utf-8") as file:
        programs = json.load(file)
    for program in programs:
        program["path"] = os.path.join(folder, program["file"])
        with open(program["path"], "rb") as file:
            key = file.read() + " ".join(program["options"]).encode()
        program["key"] = hashlib.sha256(key).hexdigest()
    return programs, launches


def occupancy(facts, items):
    """The share of a multiprocessor of sm_90 that its warps can fill."""
    warps = -(-items // 32)
    registers = -(-facts.registers // 8) * 8 * 32 * warps
    groups = min(65536 // registers, 64 // warps, 32,
                 (228 << 10) // (facts.local + 1024) if facts.local else 32)
    return groups * warps / 64


def faults_of(toolchain, name, facts, kernel, is_default):
    """What is wrong with a compiled kernel."""
    found = list(facts.faults)
    items = kernel["size"][0] * kernel["size"][1] * kernel["size"][2] if kernel else None
    if is_default and (facts.stack or facts.spills):
        found.append(f"{facts.stack} bytes of stack, {facts.spills} spilled")
    if facts.local > LOCAL_BYTES:
        found.append(f"{facts.local} bytes of local memory, more than {LOCAL_BYTES}")
    if items and items > GROUP_ITEMS:
        found.append(f"groups of {items} items, more than {GROUP_ITEMS}")
    if items and items >= 256 and (facts.registers or 0) > REGISTERS_OF_256:
        found.append(f"{facts.registers} registers in groups of {items} items")
    if kernel and name.startswith(RECURRENCES):
        x, y, z = kernel["largest"]
        # A sequence of many units has several groups, which are launched step by step.
        least = SEQUENCES * (2 if y > 1 else 1)
        if x * y * z < least:
            found.append(f"{x * y * z} groups for {SEQUENCES} sequences, fewer than {least}")
    if kernel and max(kernel["extents"][1:]) > LONG_AXIS:
        found.append(f"a grid of {kernel['extents']} groups, more than {LONG_AXIS} along y or z")
    if toolchain.name == READ and is_default:
        least = next((share for start, share in SHARES.items() if name.startswith(start)), 0)
        if facts.multiply_adds is not None and facts.multiply_adds < least:
            found.append(f"{facts.multiply_adds:.0%} multiply-adds in the hottest loop, "
                         f"not {least:.0%}")
    return found


def starved(clseq, items, folder):
    """Kernels that have too few groups for a large device, at a catalogue of so many items."""
    log = os.path.join(folder, f"{items}.csv")
    with open(log, "w", encoding="utf-8") as file:
        file.write("user,item,timestamp\n")
        # Users of 202 events: batches of 128 are full at a maximum length of 200.
        file.writelines(f"{n // 202},{n % items},{n}\n" for n in range(max(items, 202 * 130)))
    programs, _ = plan(clseq, [log, "--max-length", "200"], log + ".programs")
    os.remove(log)
    for program in programs:
        for kernel in program["kernels"]:
            x, y, z = kernel["largest"]
            heavy = any(kernel["name"].startswith(start) for start in SHARES)
            if x * y * z < GROUPS and heavy and kernel["name"] != "linear_cross_entropy_score":
                options = " ".join(option for option in program["options"] if option.startswith("-D"))
                yield (f"{items} items: {kernel['name']} {options} has {x * y * z} groups "
                       f"({x} x {y} x {z}), fewer than {GROUPS}")


HEAD = """# GPU forms of the kernels, as vendors' compilers make them

Written by `Scripts/check gpu`, which needs no GPU and fails where a limit at the top of
`Tests/GPUForms/forms.py` is passed. Nothing in this table was run on a GPU; `Scripts/gpu` measures on one
and puts its figures below.

Compiled for {devices}: NVIDIA's by clang 15, libclc and ptxas of CUDA 13 (12 for sm_70), AMD's by clang 19
and the device libraries of ROCm, Intel's by ocloc, which tells spills only.

Launches of a training step on the built-in log: {launches}.

Kernels of the models at their defaults. Registers, stack and local memory (bytes), occupancy and the
shares of the hottest loop's instructions are those of sm_90; the last columns have the registers of
other devices. The hottest loop is the one with the most executed multiply-adds, where a loop inside
another is taken to turn sixteen times as often.

"""


# Where the section of Benchmarks/gpu_table.py begins.
MEASURED = "<!-- measured by Scripts/gpu -->"


def measured(path):
    """What was measured on a GPU and stands in the file already."""
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        _, marker, section = file.read().partition(MEASURED)
    return f"\n{marker}{section}" if marker else ""


def percent(value):
    return "" if value is None else f"{value:.0%}"


def table(rows, toolchains):
    """Markdown of the facts of the default models, one row per kernel."""
    # ocloc tells no registers.
    others = [toolchain.name for toolchain in toolchains
              if toolchain.name != READ and not isinstance(toolchain, Intel)]
    lines = ["| kernel | models | registers | stack | local | occupancy | multiply-adds | local loads "
             "| global loads | " + " | ".join(others) + " |",
             "| --- " * (9 + len(others)) + "|"]
    for (kernel, variant), row in sorted(rows.items()):
        facts = row["facts"].get(READ)
        models = ", ".join(sorted(row["models"]))
        own = [kernel + variant, "all" if len(row["models"]) == len(DEFAULTS) else models]
        if facts is None:
            own += [""] * 7
        else:
            own += [str(facts.registers), str(facts.stack), str(facts.local),
                    percent(occupancy(facts, row["items"])), percent(facts.multiply_adds),
                    percent(facts.local_loads), percent(facts.global_loads)]
        for name in others:
            told = row["facts"].get(name)
            own.append("" if told is None else str(told.registers if told.registers is not None else "")
                       + (f", {told.stack} stack" if told.stack else "")
                       + (f", {told.spills} spilled" if told.spills else ""))
        lines.append("| " + " | ".join(own) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("clseq")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--tools", default=".build/gpu-compilers")
    parser.add_argument("--table")
    options = parser.parse_args()

    nvidia, intel = (os.path.join(options.tools, name) for name in ("nvidia", "intel"))
    known = [NVIDIA(nvidia, "sm_90"), AMD("gfx1100"), AMD("gfx90a")]
    if not options.short:
        known += [NVIDIA(nvidia, "sm_70"), NVIDIA(nvidia, "sm_80"), AMD("gfx942"), AMD("gfx1030"),
                  Intel(intel, "dg2"), Intel(intel, "tgllp")]
    toolchains = []
    for toolchain in known:
        reason = toolchain.missing()
        if reason:
            print(f"gpu forms: {toolchain.name} is skipped: {reason}", file=sys.stderr)
        else:
            toolchains.append(toolchain)
    if not toolchains:
        sys.exit("gpu forms: no compiler is here")

    with tempfile.TemporaryDirectory() as folder:
        clicks = os.path.join(folder, "clicks.csv")
        with open(clicks, "w", encoding="utf-8") as file:
            file.write("user,item,label,timestamp\n")
            file.writelines(f"u{n % 200},i{n * 7 % 1000},{n % 2},{n}\n" for n in range(20_000))
        teacher = os.path.join(folder, "teacher")
        if not options.short:
            subprocess.run([options.clseq, "train", "--epochs", "1", "--run", teacher, "--quiet"], check=True,
                           stdout=subprocess.DEVNULL)
        cases = dict(DEFAULTS) if options.short else {**DEFAULTS, **VARIANTS}
        programs, users, launches = {}, {}, {}
        for number, (name, settings) in enumerate(cases.items()):
            paths = {CLICKS: clicks, TEACHER: teacher}
            settings = [paths.get(word, word) for word in settings]
            planned, launches[name] = plan(options.clseq, settings, os.path.join(folder, str(number)))
            for program in planned:
                known_program = programs.setdefault(program["key"], program)
                users.setdefault(program["key"], []).append(name)
                seen = {kernel["name"]: kernel for kernel in known_program["kernels"]}
                for kernel in program["kernels"]:
                    merged = seen.setdefault(kernel["name"], kernel)
                    merged["extents"] = [max(pair) for pair in
                                         zip(merged["extents"], kernel["extents"])]
                known_program["kernels"] = list(seen.values())
        failures, rows = [], {}
        failures += [f"{name}: {launches[name]} launches in a step, more than {most}"
                     for name, most in LAUNCHES.items() if launches[name] > most]
        for items in CATALOGUES:
            failures += starved(options.clseq, items, folder)

        def compiled(work):
            toolchain, program = work
            try:
                return work, toolchain.compile(program["path"], program["options"])
            except CompileError as error:
                return work, error

        # Matrix units are NVIDIA's, of compute capability 8.0 or newer.
        work = [(toolchain, program) for toolchain in toolchains for program in programs.values()
                if toolchain.has_matrix_unit or "-DMMA_TWIN=0" not in program["options"]]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for (toolchain, program), outcome in pool.map(compiled, work):
                of = users[program["key"]]
                models = [name for name in of if name in DEFAULTS]
                variant = " ".join(option[2:] for option in program["options"]
                                   if option.startswith("-D") and option != "-DTUNING_GPU")
                place = f"{program['source']} {variant} ({', '.join(of)})"
                if isinstance(outcome, CompileError):
                    failures.append(f"{toolchain.name}: {place}: refused\n{outcome}")
                    continue
                launched = {kernel["name"]: kernel for kernel in program["kernels"]}
                for name, facts in outcome.items():
                    kernel = launched.get(name)
                    # A kernel of the file that no model launches is compiled all the same.
                    default = bool(models) and kernel is not None
                    for fault in faults_of(toolchain, name, facts, kernel, default):
                        failures.append(f"{toolchain.name}: {name} in {place}: {fault}")
                    if default:
                        row = rows.setdefault((name, " " + variant if variant else ""), {
                            "facts": {}, "models": set(),
                            "items": kernel["size"][0] * kernel["size"][1] * kernel["size"][2]})
                        row["facts"][toolchain.name] = facts
                        row["models"].update(models)
        if options.table:
            section = measured(options.table)
            with open(options.table, "w", encoding="utf-8") as file:
                file.write(HEAD.format(
                    devices=", ".join(known_name.name for known_name in toolchains),
                    launches=", ".join(f"{name} {launches[name]}" for name in LAUNCHES)) +
                           table(rows, toolchains) + section)
        print(f"gpu forms: {len(programs)} programs of {len(cases)} trainings, "
              f"{', '.join(toolchain.name for toolchain in toolchains)}")
        for failure in failures:
            print(f"gpu forms: {failure}", file=sys.stderr)
        if failures:
            sys.exit(f"gpu forms: {len(failures)} faults")


if __name__ == "__main__":
    main()
