"""Checkpoints that were cut off or changed."""

import os
import random
import shutil

from trial import outcome, require, require_equal


def damage(program, expected, count, seed):
    """Damages the newest checkpoint of a half-done run: it is named, and the one before is used."""
    numbers = random.Random(seed)
    half = os.path.join(program.folder, "half")
    program.finish(half, "--epochs", "6")
    for number in range(count):
        run = os.path.join(program.folder, "damaged")
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(half, run, symlinks=True)
        checkpoints = os.path.join(run, "checkpoints")
        newest = os.path.join(checkpoints, sorted(os.listdir(checkpoints))[-1])
        path = os.path.join(newest, numbers.choice(sorted(os.listdir(newest))))
        with open(path, "rb") as file:
            content = bytearray(file.read())
        place = numbers.randrange(len(content))
        if number % 2 == 0:
            del content[place:]
        else:
            content[place] ^= 1 << numbers.randrange(8)
        with open(path, "wb") as file:
            file.write(content)
        told = program.finish(run, "--epochs", "40")
        require(newest in told and "passed over" in told, f"{path}: nothing was said: {told}")
        require_equal(outcome(run), expected, path)
    return f"{count} checkpoints cut off or changed"
