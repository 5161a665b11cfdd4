"""Reads the reports of one Scripts/bench run, writes them as one JSON file, prints ratio tables.

usage: tables.py FOLDER RESULTS.json

FOLDER holds SECTION-DATA-SYSTEM-ROUND.json for train, masked, lstm and recurrent, SECTION-SYSTEM-ROUND.json
for matmul, growth.json, prepare.json, readers.json, and skipped.txt. A system's figure is the median
of its rounds.
"""

import collections
import datetime
import json
import math
import pathlib
import platform
import statistics
import subprocess
import sys

import prepare
import readers

NAMES = {
    "clseq": "clseq",
    "torch": "PyTorch eager, as installed",
    "torch_tuned": "PyTorch eager, malloc tuned",
    "torch_packed": "PyTorch eager, packed, as installed",
    "torch_packed_tuned": "PyTorch eager, packed, malloc tuned",
    "jax": "JAX jit, padded to 200",
    "clblast": "CLBlast",
}
# Least ratio of clseq to the peer that the project asks of itself.
TRAINING_TARGETS = {"torch": 8, "torch_tuned": 5, "jax": 6}


def processor():
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def load(folder):
    """All reports by section: {section: {key: [report of round 1, ...]}}."""
    sections = collections.defaultdict(lambda: collections.defaultdict(list))
    for path in sorted(folder.glob("*.json")):
        section, *key = path.stem.split("-")
        sections[section][tuple(key[:-1])].append(json.loads(path.read_text(encoding="utf-8")))
    return sections


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


def header(*cells):
    row(*cells)
    row(*["---"] * len(cells))


def training_table(title, reports):
    print("\nevents per CPU second counts processor time of all threads, so that other programs on the "
          "machine change it less.")
    for data in sorted({data for data, _ in reports}, reverse=True):
        systems = {system: rounds for (d, system), rounds in reports.items() if d == data}

        def rate(system, key="events_per_second"):
            return statistics.median(r[key] for r in systems[system])

        def ratio(system, *key):
            known = "clseq" in systems and system != "clseq"
            return f"{rate('clseq', *key) / rate(system, *key):.2f}×" if known else ""

        print(f"\n{title}, {data}, real events per second\n")
        header("system", "version", "events/s", "low to high", "clseq is", "goal",
               "events per CPU second", "clseq is")
        for system in sorted(systems, key=rate, reverse=True):
            low = min(r["events_per_second_low"] for r in systems[system])
            high = max(r["events_per_second_high"] for r in systems[system])
            target = TRAINING_TARGETS.get(system) if title == "Training" else None
            row(NAMES[system], systems[system][0]["version"], f"{rate(system):,.0f}",
                f"{low:,.0f} to {high:,.0f}", ratio(system), f"{target}×" if target else "",
                f"{rate(system, 'events_per_cpu_second'):,.0f}",
                ratio(system, "events_per_cpu_second"))


def recurrent_table(reports):
    for data in sorted({data for data, _ in reports}, reverse=True):
        systems = {system: rounds for (d, system), rounds in reports.items() if d == data}
        first = next(iter(systems.values()))[0]

        def milliseconds(system):
            return statistics.median(r["milliseconds"] for r in systems[system])

        print(f"\n{first['cell']} layer, {first['inputs']} to {first['hidden']}, on {data}: "
              f"{first['events']:,} events, forward and backward\n")
        header("system", "version", "ms", "low to high", "clseq is")
        for system in sorted(systems, key=milliseconds):
            low = min(r["milliseconds_low"] for r in systems[system])
            high = max(r["milliseconds_high"] for r in systems[system])
            known = "clseq" in systems and system != "clseq"
            row(NAMES[system], systems[system][0]["version"], f"{milliseconds(system):.1f}",
                f"{low:.1f} to {high:.1f}",
                f"{milliseconds(system) / milliseconds('clseq'):.2f}×" if known else "")


def shape_rates(rounds, key="gflops", middle=statistics.median):
    """GFLOP/s by shape: the median of the rounds' medians, or with other arguments another figure."""
    by_shape = collections.defaultdict(list)
    for report in rounds:
        for shape in report["shapes"]:
            by_shape[shape["shape"]].append(shape[key])
    return {shape: middle(values) for shape, values in by_shape.items()}


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(v) for v in values))


def best_openblas(rates):
    """The best core type's rate of each shape."""
    cores = [by_shape for system, by_shape in rates.items() if system.startswith("openblas_")]
    return {shape: max(core[shape] for core in cores) for shape in (cores[0] if cores else {})}


def matmul_table(title, reports):
    medians = {system: shape_rates(rounds) for (system,), rounds in reports.items()}
    bests = {system: shape_rates(rounds, "best_gflops", max)
             for (system,), rounds in reports.items()}
    versions = sorted({f"{r[0]['system']} ({r[0]['version']})"
                       for (system,), r in reports.items() if system != "clseq"})
    print(f"\n{title}, GFLOP/s, median of rounds (OpenBLAS: the best core type of each shape)\n")
    if versions:
        print("Peers: " + "; ".join(versions) + ".\n")
    header("shape", "clseq", "OpenBLAS", "ratio", "CLBlast", "ratio")
    ours, clblast = medians.get("clseq", {}), medians.get("clblast", {})
    blas = best_openblas(medians)

    def cell(table, shape):
        return f"{table[shape]:.1f}" if shape in table else "–"

    def ratio(shapes, ours, theirs):
        both = [s for s in shapes if s in ours and s in theirs]
        return f"{geometric_mean(ours[s] / theirs[s] for s in both):.2f}×" if both else "–"

    shapes = list(ours or blas or clblast)
    for shape in shapes:
        row(shape, cell(ours, shape), cell(blas, shape), ratio([shape], ours, blas),
            cell(clblast, shape), ratio([shape], ours, clblast))
    skinny = [shape for shape in shapes if "1536" not in shape]
    for name, rates in (("medians", medians), ("best rounds", bests)):
        row(f"geometric mean of the model's shapes, {name}", "", "",
            ratio(skinny, rates.get("clseq", {}), best_openblas(rates)), "",
            ratio(skinny, rates.get("clseq", {}), rates.get("clblast", {})))
    row("speed goal", "", "", "1.3×; 0.9× on 1536³", "", "10×")


def growth_table(title, reports):
    print(f"\n{title}\n")
    header("items", "length", "events", "events/s", "ms per step", "peak bytes", "bytes per event",
           "attention's share", "loss's share")
    for r in reports[0]["rows"]:
        row(f"{r['items']:,}", f"{r['length']:,}", f"{r['events']:,}",
            f"{r['events_per_second']:,.0f}", f"{r['step_milliseconds']:.1f}",
            f"{r['peak_device_bytes']:,}", f"{r['peak_device_bytes'] / r['events']:,.0f}",
            f"{100 * r['attention_share']:.0f} %", f"{100 * r['loss_share']:.0f} %")


def kernel_table(report):
    print(f"\nKernels of one training step, {report['data']}\n")
    header("kernel", "calls", "ms", "share")
    for kernel in report["kernels"]:
        row(kernel["kernel"], kernel["calls"], f"{kernel['milliseconds']:.2f}",
            f"{100 * kernel['share']:.1f} %")


def main():
    folder, results = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    sections = load(folder)
    skipped_file = folder / "skipped.txt"
    skipped = skipped_file.read_text(encoding="utf-8").splitlines() if skipped_file.exists() else []
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    machine = {"processor": processor(), "commit": commit.stdout.strip() or None,
               "measured": datetime.date.today().isoformat()}
    results.write_text(json.dumps({
        "machine": machine,
        "skipped": skipped,
        **{section: {"-".join(key) or "rows": rounds for key, rounds in reports.items()}
           for section, reports in sections.items()},
    }, indent=1) + "\n", encoding="utf-8")

    print(f"{machine['processor']}, commit {machine['commit']}, {machine['measured']}")
    for section, title in (("train", "Training"), ("masked", "BERT4Rec"), ("lstm", "LSTM")):
        if train := sections.get(section):
            training_table(title, train)
            for (_, system), rounds in train.items():
                if system == "clseq":
                    kernel_table(rounds[0])
    if recurrent := sections.get("recurrent"):
        recurrent_table(recurrent)
    if matmul := sections.get("matmul"):
        matmul_table("Matmul", matmul)
    if growth := sections.get("growth"):
        growth_table("Growth", growth[()])
    for name, section in (("prepare", prepare), ("readers", readers)):
        if reports := sections.get(name):
            print(f"\n{name.capitalize()}\n")
            section.print_table(reports[()][0])
    print("\nSkipped:" if skipped else "\nNothing was skipped.")
    for line in skipped:
        print(f"- {line}")


if __name__ == "__main__":
    main()
