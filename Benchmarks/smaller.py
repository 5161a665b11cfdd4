#!/usr/bin/env python3
"""How well, how large and how fast a model is after distillation and after pruning.

    Benchmarks/smaller.py LOG [--clseq BINARY] [--seed 1] [--settings "--max-length 200"]
                          [--student "..."] [--taught "..."] [--pruned "..."] [--rounds 3]
                          [--folder runs/smaller]

LOG is a log of next items, such as ML-1M of SASRec. Four models are trained, all with --settings: a transformer; one
with the settings of --student; the same one, which also learns from the first by the settings of --taught; and the
first, pruned by those of --pruned. A run that is there is not trained again, and one that has begun goes on. The step
is timed by `clseq bench step`, the three shapes in turn, --rounds times; each has its median. The step of the taught
student has that of its shape: only its training takes longer, by the teacher's pass.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

SHAPE = ("hidden_size", "layers", "heads", "head_width", "feed_forward_size")


def call(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"smaller.py: {' '.join(command)} ended with {done.returncode}")
    return json.loads(done.stdout)


def train(options, name, *arguments):
    """The summary of a run."""
    path = os.path.join(options.folder, name)
    summary = os.path.join(path, "summary.json")
    if os.path.exists(summary):
        with open(summary, encoding="utf-8") as file:
            return json.load(file)
    command = [options.clseq, *arguments, "--run", path, "--quiet", "--format", "json"]
    return call(command + (["--resume"] if os.path.exists(path) else []))


def shape(options, name):
    """The options that give the shape of a run's model."""
    with open(os.path.join(options.folder, name, "config.yaml"), encoding="utf-8") as file:
        lines = [line.split(":") for line in file if line.split(":")[0] in SHAPE]
    return [word for key, value in lines
            for word in (f"--{key.replace('_', '-')}", value.strip().strip('"'))]


def step_milliseconds(options, shapes):
    """The median time of a training step of each shape."""
    times = {name: [] for name in shapes}
    for _ in range(options.rounds):
        for name, words in shapes.items():
            report = call([options.clseq, "bench", "step", options.log, *options.settings.split(),
                           *words, "--steps", "12", "--profiled-steps", "0", "--format", "json",
                           "--quiet"])
            times[name].append(report["step_milliseconds"])
    return {name: statistics.median(values) for name, values in times.items()}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("--clseq", default="clseq")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--settings", default="--max-length 200")
    parser.add_argument("--student", default="--hidden-size 16 --dropout 0 --learning-rate 0.003")
    parser.add_argument("--taught", default="--teacher-weight 0.9")
    parser.add_argument("--pruned", default="--keep-ratio 0.5 --learning-rate 0.0005")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", default="runs/smaller")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    large = os.path.join(options.folder, "large")
    common = [options.log, *options.settings.split(), "--seed", options.seed]
    summaries = {
        "large": train(options, "large", "train", *common),
        "student": train(options, "student", "train", *common, *options.student.split()),
        "taught": train(options, "taught", "train", *common, *options.student.split(),
                        "--teacher", large, *options.taught.split()),
        "pruned": train(options, "pruned", "finetune", large, *common, *options.pruned.split()),
    }
    times = step_milliseconds(
        options, {name: shape(options, name) for name in ("large", "student", "pruned")})
    times["taught"] = times["student"]
    best = summaries["large"]["test"]["NDCG@10"]
    print("| run | parameters beside the table | in the table | model.safetensors | step, ms | "
          "test NDCG@10 | of the large model's |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, summary in summaries.items():
        run = os.path.join(options.folder, name)
        size = call([options.clseq, "compare", run, large, "--quiet", "--format", "json"])["sizes"][0]
        table = size["table_parameters"]
        file_size = os.path.getsize(os.path.join(run, "best", "model.safetensors"))
        score = summary["test"]["NDCG@10"]
        print(f"| {name} | {size['parameters'] - table:,} | {table:,} | {file_size:,} bytes | "
              f"{times[name]:.1f} | {score:.4f} | {score / best:.1%} |")


if __name__ == "__main__":
    main()
