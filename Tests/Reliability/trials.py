#!/usr/bin/env python3
"""Trials of what must hold when a training is killed, the disk is full or the power goes.

    Tests/Reliability/trials.py CLSEQ [--short] [--only NAME,...] [--seed N]

Each line that is printed is a trial that was passed; the first failure ends the program with status
1. CLSEQ is the binary. Trials that need strace, or root, are skipped without.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

import damage
import faults
import kills
import power_loss
import sharing
from trial import COSINE, SETTINGS, Failure, Program, outcome


def whole_run(program):
    """A program with a run that nothing disturbs, and what it comes to."""
    run = os.path.join(program.folder, "whole")
    program.finish(run)
    return program, run, outcome(run)


def trials(asked, folder):
    """The name of every trial, and what it does."""
    short = asked.short
    program, whole, expected = whole_run(Program(asked.clseq, os.path.join(folder, "reference")))
    cosine, _, cosine_expected = whole_run(
        Program(asked.clseq, os.path.join(folder, "cosine"), settings=[*SETTINGS, *COSINE]))
    device = Program(asked.clseq, os.path.join(folder, "device"), device="cpu")

    def on_device():
        return kills.kill_at_random(
            *whole_run(device)[::2], 3 if short else 30, asked.seed, most_seconds=1.5)

    return {
        "kill": lambda: kills.kill_at_random(
            cosine, cosine_expected, 30 if short else 200, asked.seed, most_seconds=0.15),
        "save": lambda: kills.kill_in_saves(
            cosine, cosine_expected, 10 if short else 50, asked.seed),
        "device": on_device,
        "interrupt": lambda: kills.interrupt(
            cosine, cosine_expected, 6 if short else 40, asked.seed, most_seconds=0.1),
        "power": lambda: power_loss.lose_power(cosine, cosine_expected, every=41 if short else 5),
        "calls": lambda: faults.fail_calls(
            program, expected, ["fsync", "rename"] if short else list(faults.CALLS)),
        "limit": lambda: faults.limit_size(program, expected),
        "disk": lambda: faults.fill_disk(program, expected),
        "room": lambda: faults.full_cache(device),
        "full": lambda: faults.full_outputs(program, whole),
        "damage": lambda: damage.damage(program, expected, 20 if short else 200, asked.seed),
        "lock": lambda: sharing.two_trainers(program, expected, 3 if short else 20),
        "cache": lambda: sharing.cold_cache(device, 2 if short else 50, asked.seed),
    }


def can_trace():
    try:
        return subprocess.run(["strace", "-qq", "-o", os.devnull, "true"]).returncode == 0
    except FileNotFoundError:
        return False


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clseq")
    parser.add_argument("--short", action="store_true", help="fewer of each")
    parser.add_argument("--only", help="names of trials")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    asked.clseq = os.path.abspath(asked.clseq)
    with tempfile.TemporaryDirectory(prefix="clseq-trials-") as folder:
        every = trials(asked, folder)
        names = asked.only.split(",") if asked.only else list(every)
        for name in names:
            start = time.perf_counter()
            if name in ("power", "calls") and not can_trace():
                print(f"trials: {name:<10} SKIPPED: strace cannot trace here", flush=True)
                continue
            try:
                told = every[name]()
            except Failure as failure:
                sys.exit(f"trials: {name} FAILED: {str(failure)[:2000]}")
            seconds = time.perf_counter() - start
            print(f"trials: {name:<10} {told} ({seconds:.0f} s): OK", flush=True)


if __name__ == "__main__":
    main()
