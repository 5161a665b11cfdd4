"""SIGKILL at random moments, and inside saves; SIGINT and SIGTERM."""

import os
import random
import signal
import subprocess
import time

from trial import outcome, require, require_equal


def kill_at_random(program, expected, count, seed, most_seconds):
    """Kills a training again and again, and lets it end; until there were `count` kills."""
    numbers = random.Random(seed)
    killed = trainings = 0
    while killed < count:
        run = os.path.join(program.folder, f"kill-{trainings}")
        trainings += 1
        for _ in range(12):
            process = program.start(program.next_command(run))
            time.sleep(numbers.uniform(0, most_seconds))
            process.kill()
            if process.wait() == 0:
                break
            killed += 1
        if not os.path.exists(os.path.join(run, "passport.json")) and os.path.exists(run):
            # Killed before the run was one: nothing was trained, and its name is taken.
            continue
        program.finish(run)
        require_equal(outcome(run), expected, run)
    return f"{killed} kills at random moments of {trainings} trainings"


def kill_in_saves(program, expected, count, seed):
    """Kills while a checkpoint is being written: when its folder is seen, or a moment later."""
    numbers = random.Random(seed)
    inside = trainings = 0
    while inside < count:
        run = os.path.join(program.folder, f"save-{trainings}")
        checkpoints = os.path.join(run, "checkpoints")
        trainings += 1
        while True:
            skipped = numbers.randrange(4)
            process = program.start(program.next_command(run))
            seen = set()
            while process.poll() is None:
                try:
                    names = {name for name in os.listdir(checkpoints) if name.endswith(".partial")}
                except FileNotFoundError:
                    continue
                seen |= names
                if names and len(seen) > skipped:
                    time.sleep(numbers.uniform(0, 0.002))
                    process.kill()
                    break
            if process.wait() == 0:
                break
            inside += any(name.endswith(".partial") for name in os.listdir(checkpoints))
        require_equal(outcome(run), expected, run)
    return f"{inside} kills inside a save of {trainings} trainings"


def interrupt(program, expected, count, seed, most_seconds):
    """SIGINT and SIGTERM end a training in good order, with a checkpoint."""
    numbers = random.Random(seed)
    told = trainings = 0
    while told < count:
        run = os.path.join(program.folder, f"interrupt-{trainings}")
        trainings += 1
        while True:
            process = program.start(program.next_command(run), stderr=subprocess.PIPE)
            while not os.path.exists(os.path.join(run, "passport.json")):
                pass
            time.sleep(numbers.uniform(0, most_seconds))
            number = numbers.choice([signal.SIGINT, signal.SIGTERM])
            process.send_signal(number)
            errors = process.communicate()[1]
            if process.returncode == 0:
                break
            if process.returncode == -number:
                continue  # It came before the training began, while the log was read.
            require(process.returncode == 128 + number,
                    f"{run}: status {process.returncode}: {errors}")
            require("clseq train --resume --run" in errors, f"{run}: no advice: {errors}")
            require(os.listdir(os.path.join(run, "checkpoints")), f"{run}: no checkpoint")
            told += 1
        require_equal(outcome(run), expected, run)
    return f"{told} interrupts of {trainings} trainings"
