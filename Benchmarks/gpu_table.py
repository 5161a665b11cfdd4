#!/usr/bin/env python3
"""Writes what Scripts/gpu measured as gpu.json and as the Markdown gpu.md, which it also prints.

usage: gpu_table.py RESULTS [--into FILE]

RESULTS is the folder of a run: steps.tsv and settings.tsv, and for each step NAME.out and NAME.err. A
step is named WHAT-MODEL, and for a peer WHAT-MODEL-FORM. --into puts the table at the end of FILE, in
place of an earlier one; it refuses what was not measured on a GPU.
"""

import datetime
import json
import math
import pathlib
import statistics
import sys

# Where the section begins in Benchmarks/GPU.md; Tests/GPUForms/forms.py keeps what follows it.
MARKER = "<!-- measured by Scripts/gpu -->\n"
# Least ratio of clseq to the peer that the project asks of itself.
GOALS = {"step-compiled": 1.0, "matmul": 0.9, "attention": 0.8, "layer-lstm": 1.0}
COMPARED = """Padded sequences are as long as the longest of their batch; packed and ragged ones have no
padding, as those of clseq. A step is timed until its loss is on the host, a layer until the device is idle.
Attention is the time of its kernels, {}.
"""
# Models whose kernels are shown; those of the others stand in gpu.json.
SHOWN = ("transformer", "lstm", "gru")
# Kernels with a smaller share of a step are left out of its table.
LEAST_SHARE = 0.01
FORMS = {"eager": "PyTorch eager, padded", "compiled": "PyTorch compiled, padded",
         "packed": "PyTorch eager, packed"}


def table(head, rows):
    return "\n".join("| " + " | ".join(str(cell) for cell in cells) + " |"
                     for cells in (head, ["---"] * len(head), *rows)) + "\n"


def columns(path):
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def load(folder):
    """The steps in their order, and the JSON documents of those that ended well."""
    steps, reports = [], {}
    for name, state, seconds in columns(folder / "steps.tsv"):
        steps.append({"step": name, "state": state, "seconds": int(seconds)})
        if state == "ok":
            text = (folder / f"{name}.out").read_text(encoding="utf-8")
            try:
                reports[name] = json.loads(text)
            except ValueError:
                reports[name] = text.splitlines()
    return steps, reports


def machine(reports, settings):
    device = next(d for d in reports["devices"]["devices"] if d["default"])
    torch = next((r for r in reports.values() if isinstance(r, dict)
                  and r.get("system", "").startswith("PyTorch")), {})
    return {"device": device["name"], "kind": device["kind"], "driver": device["driver"],
            "clseq": ", ".join(" ".join(line.split()) for line in reports["version"][:2]),
            "torch": torch.get("version"), "torch_device": torch.get("device"),
            "measured": datetime.date.today().isoformat(), **settings}


def attention_milliseconds(reports, dropout):
    """Of clseq's kernels in a pass with this dropout."""
    passes = reports.get("attention", {}).get("passes", [])
    return sum(k["milliseconds"] for p in passes if math.isclose(p["dropout"], dropout)
               for k in p["kernels"])


class Comparison:
    """Rows of what clseq took beside a peer, in milliseconds, or in another unit where more is better."""

    def __init__(self, has_goals):
        self.rows, self.has_goals = [], has_goals

    def add(self, what, peer, ours, theirs, goal=None, unit="ms"):
        if not ours or not theirs:
            return
        ratio = theirs / ours if unit == "ms" else ours / theirs
        met = ("yes" if ratio >= goal else "no") if goal and self.has_goals else ""
        self.rows.append([what, f"{ours:,.3f} {unit}", peer, f"{theirs:,.3f} {unit}",
                          f"{ratio:.2f}×", f"{goal}×" if goal else "", met])


def comparison(reports, is_gpu):
    rows = Comparison(is_gpu)
    for model in SHOWN:
        ours = reports.get(f"step-{model}")
        for form, peer in FORMS.items():
            theirs = reports.get(f"step-{model}-{form}")
            if ours and theirs:
                rows.add(f"training step, {model}", peer, ours["step_milliseconds"],
                         theirs["step_milliseconds"], GOALS.get(f"step-{form}"))
    ours, theirs = (rates(reports.get(name)) for name in ("matmul", "matmul-eager"))
    shapes = [shape for shape in ours if shape in theirs and not is_square(shape)]
    squares = [shape for shape in ours if shape in theirs and is_square(shape)]
    library = "PyTorch matmul (cuBLAS)" if is_gpu else "PyTorch matmul"
    for what, chosen in (("products of the model, geometric mean", shapes), ("square product", squares)):
        if chosen:
            rows.add(what, library, geometric_mean(ours[s] for s in chosen),
                     geometric_mean(theirs[s] for s in chosen), GOALS["matmul"], "GFLOP/s")
    peer = reports.get("attention-eager", {})
    for form, found in peer.get("forms", {}).items():
        rows.add("attention, forward and backward", f"PyTorch scaled_dot_product_attention, {form}",
                 attention_milliseconds(reports, peer["dropout"]),
                 found.get("kernel_milliseconds") or found["milliseconds"], GOALS["attention"])
    for cell in ("lstm", "gru"):
        ours = reports.get(f"layer-{cell}")
        for form in ("padded", "packed"):
            theirs = reports.get(f"layer-{cell}-{form}")
            if ours and theirs:
                library = f"PyTorch {cell.upper()}" + (" (cuDNN)" if is_gpu else "")
                rows.add(f"{cell} layer, forward and backward", f"{library}, {form}", ours["milliseconds"],
                         theirs["milliseconds"], GOALS.get(f"layer-{cell}"))
    return rows.rows and table(["what", "clseq", "peer", "peer took", "clseq is", "goal", "met"], rows.rows)


def unlike(reports):
    """Pairs of steps that did not take the same data."""
    for name, report in reports.items():
        ours = reports.get(name.rpartition("-")[0])
        if isinstance(report, dict) and isinstance(ours, dict) and ours.get("system") == "clseq":
            for key in ("users", "items", "events", "sequences"):
                if key in report and key in ours and report[key] != ours[key]:
                    yield f"{name} is not comparable: {report[key]:,} {key}, not {ours[key]:,}"


def rates(report):
    return {row["shape"]: row["gflops"] for row in (report or {}).get("shapes", [])}


def is_square(shape):
    return len(set(shape.partition(":")[2].split("x"))) == 1


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


def sections(steps, reports, facts):
    is_gpu = facts["kind"] == "gpu"
    yield (f"## Measured on {facts['device']}\n\n"
           f"By `Scripts/gpu` on {facts['measured']}: {facts['clseq']}, driver {facts['driver']}, tuning "
           f"{facts['tuning']}; {'PyTorch ' + facts['torch'] if facts['torch'] else 'no PyTorch'}"
           f"{' on ' + facts['torch_device'] if facts['torch_device'] else ''}; log {facts['data']}, batches "
           f"of 128 sequences of at most 200 events. All in float32, without TF32. Times are medians "
           f"(training: of {facts['steps']} steps after {facts['warmup']}).\n")
    if not is_gpu:
        yield ("**This is no GPU.** The goals are for GPUs; the run shows that the script works."
               + (" PyTorch ran on the CPU.\n" if facts["torch"] else "\n"))
    if compared := comparison(reports, is_gpu):
        yield COMPARED.format("as both profilers tell it" if is_gpu else "on PyTorch's side the wall time")
        yield compared
    for warning in unlike(reports):
        yield f"**{warning}**\n"

    doctors = [(name, reports[name]) for name in ("doctor", "doctor-all-tunings") if name in reports]
    for name, report in doctors:
        wrong = [f"{o['tuning']} {o['name']}" for o in report["outcomes"] if o["faults"]]
        yield (f"`clseq {name.replace('-', ' --', 1)}`: {len(report['outcomes'])} cases, "
               + (f"wrong: {', '.join(wrong)}.\n" if wrong else "all right.\n"))

    ours, theirs = (rates(reports.get(name)) for name in ("matmul", "matmul-eager"))
    if ours:
        yield "### Products, GFLOP/s\n"
        yield table(["shape", "clseq", "PyTorch", "clseq is"], [
            [shape, f"{ours[shape]:,.1f}", f"{theirs[shape]:,.1f}" if shape in theirs else "",
             f"{ours[shape] / theirs[shape]:.2f}×" if shape in theirs else ""] for shape in ours])

    if attention := reports.get("attention"):
        yield (f"### Attention of clseq\n\n{attention['heads']} heads of {attention['width']}, "
               f"{attention['events']:,} events of {attention['sequences']} sequences.\n")
        yield table(["dropout", "forward, ms", "GFLOP/s", "forward and backward, ms", "GFLOP/s"], [
            [p["dropout"]] + [cell for timing in (p["forward"], p["both"])
                              for cell in (f"{timing['milliseconds']:.3f}", f"{timing['gflops']:,.0f}")]
            for p in attention["passes"]])

    models = [(name.partition("-")[2], report) for name, report in reports.items()
              if name.startswith("step-") and report["system"] == "clseq"]
    if models:
        yield "### Training steps of clseq\n"
        yield table(["model", "ms a step", "events/s", "of the device at most"], [
            [model, f"{report['step_milliseconds']:.3f}", f"{report['events_per_second']:,.0f}",
             f"{report['peak_device_bytes'] / 2**20:,.0f} MiB"] for model, report in models])
    for model, report in models:
        kernels = [k for k in report["kernels"] if k["share"] >= LEAST_SHARE]
        if kernels and model in SHOWN:
            yield f"### Kernels of a step, {model}\n"
            yield table(["kernel", "calls", "ms", "share", "GFLOP/s"], [
                [k["kernel"], k["calls"], f"{k['milliseconds']:.3f}", f"{100 * k['share']:.1f} %",
                 f"{k['gflops']:,.0f}" if k["gflops"] else ""] for k in kernels])
    if growth := reports.get("growth"):
        yield "### Growth\n"
        yield table(["items", "length", "events", "events/s", "ms a step", "peak MiB"], [
            [f"{r['items']:,}", r["length"], f"{r['events']:,}", f"{r['events_per_second']:,.0f}",
             f"{r['step_milliseconds']:.1f}", f"{r['peak_device_bytes'] / 2**20:,.0f}"]
            for r in growth["rows"]])
    if not_well := [s for s in steps if s["state"] != "ok"]:
        yield "### Steps without a result\n"
        yield table(["step", "what happened"], [[s["step"], s["state"]] for s in not_well])


def publish(text, path):
    """Puts the section at the end of a page, in place of an earlier one."""
    before = path.read_text(encoding="utf-8").partition(MARKER)[0].rstrip("\n")
    path.write_text(f"{before}\n\n{MARKER}\n{text}", encoding="utf-8")


def main():
    if len(sys.argv) not in (2, 4) or (len(sys.argv) == 4 and sys.argv[2] != "--into"):
        print("usage: gpu_table.py RESULTS [--into FILE]", file=sys.stderr)
        sys.exit(64)
    folder = pathlib.Path(sys.argv[1])
    steps, reports = load(folder)
    facts = machine(reports, dict(columns(folder / "settings.tsv")))
    text = "\n".join(sections(steps, reports, facts))
    (folder / "gpu.md").write_text(text, encoding="utf-8")
    (folder / "gpu.json").write_text(
        json.dumps({"machine": facts, "steps": steps, "reports": reports}, indent=1) + "\n",
        encoding="utf-8")
    if len(sys.argv) == 2:
        print(f"\n{text}")
    elif facts["kind"] == "gpu":
        publish(text, pathlib.Path(sys.argv[3]))
    else:
        print(f"gpu_table.py: {facts['device']} is no GPU", file=sys.stderr)
        sys.exit(65)


if __name__ == "__main__":
    main()
