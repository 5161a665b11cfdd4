"""Processes that want the same run, or the same cache of kernels."""

import os
import random
import signal
import subprocess

from trial import outcome, require, require_equal


def two_trainers(program, expected, count):
    """While one trains, a second is refused, and harms nothing."""
    for number in range(count):
        run = os.path.join(program.folder, f"shared-{number}")
        first = program.start(program.command(run))
        while not os.path.exists(os.path.join(run, "metrics.jsonl")):
            require(first.poll() is None, f"{run}: ended early")
        first.send_signal(signal.SIGSTOP)  # It holds the lock while the second tries.
        second = program.run(program.command(run, resumes=True))
        first.send_signal(signal.SIGCONT)
        require(second.returncode == 73, f"{run}: the second ended with {second.returncode}")
        require(f"in use by another process ({first.pid})" in second.stderr, second.stderr)
        require(first.wait() == 0, f"{run}: the first failed")
        require_equal(outcome(run), expected, run)
    return f"{count} second trainers were refused"


def cold_cache(program, count, seed):
    """Eight processes begin at once on an empty or damaged cache of kernels."""
    numbers = random.Random(seed)
    started = 0
    for number in range(count):
        # Even rounds begin with nothing, odd ones with a damaged copy of what the round before has left.
        cache = os.path.join(program.folder, f"cache-{number % 2}")
        subprocess.run(["rm", "-rf", cache], check=True)
        if number % 2 == 1:
            damage_cache(os.path.join(program.folder, "cache-0"), cache, numbers)
        environment = {**program.environment, "XDG_CACHE_HOME": cache}
        processes = []
        for index in range(8):
            run = os.path.join(program.folder, f"cold-{number}-{index}")
            words = [*program.command(run), "--epochs", "1"]
            processes.append(subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL,
                                              stderr=subprocess.PIPE, text=True))
        for process in processes:
            errors = process.communicate()[1]
            require(process.returncode == 0,
                    f"cache {number}: status {process.returncode}: {errors[-500:]}")
            started += 1
    return f"{started} processes on {count} cold or damaged caches"


def damage_cache(source, target, numbers):
    """A copy of a cache in which some files are cut off, emptied or changed."""
    subprocess.run(["cp", "-r", source, target], check=True)
    files = [os.path.join(folder, name) for folder, _, names in os.walk(target) for name in names]
    for path in numbers.sample(files, max(1, len(files) // 4)):
        with open(path, "rb") as file:
            content = bytearray(file.read())
        if not content:
            continue
        if numbers.random() < 0.5:
            del content[numbers.randrange(len(content)):]
        else:
            content[numbers.randrange(len(content))] ^= 0xFF
        with open(path, "wb") as file:
            file.write(content)
