"""System calls that fail, full disks and files that may not grow."""

import contextlib
import os
import re
import resource
import shutil
import subprocess

from trial import outcome, partials, require, require_equal

CALLS = {
    "fsync": "EIO", "write": "ENOSPC", "rename": "EACCES", "mkdir": "ENOSPC", "symlink": "ENOSPC",
}


def fail_calls(program, expected, calls):
    """Lets the n-th call of a training from its first save on fail, for every n up to its end."""
    counts = []
    begun = os.path.join(program.folder, "begun")
    program.finish(begun, "--epochs", "1")
    for call in calls:
        number = 0
        while True:
            number += 1
            run = os.path.join(program.folder, "fault")
            shutil.rmtree(run, ignore_errors=True)
            shutil.copytree(begun, run, symlinks=True)
            command = [*program.command(run, resumes=True), "--epochs", "2"]
            trace = os.path.join(program.folder, "trace")
            result = program.run(
                ["strace", "-f", "-qq", "-o", trace, "-e", f"trace={call}",
                 "-e", f"inject={call}:error={CALLS[call]}:when={number}", *command])
            with open(trace, encoding="utf-8", errors="replace") as lines:
                was_hit = "(INJECTED)" in lines.read()
            if not was_hit:
                require(result.returncode == 0, f"{call}: status {result.returncode}")
                break
            title = f"{call} {number}"
            require(result.returncode in (66, 70, 73, 74),
                    f"{title}: status {result.returncode}: {result.stderr}")
            require(re.search(r"standard output|fault|log\.inter", result.stderr),
                    f"{title}: names no path: {result.stderr}")
            require(not partials(run), f"{title}: left {partials(run)}")
            program.finish(run, "--epochs", "40")
            require_equal(outcome(run), expected, title)
        counts.append(f"{call} {number - 1}")
    return f"each call of a training failed once: {', '.join(counts)}"


def limit_size(program, expected):
    """Files that may not grow beyond a size (RLIMIT_FSIZE), and a disk of 1 MiB that is full."""
    sizes = [0, 1, 100, 1_000, 5_000]
    for size in sizes:
        run = os.path.join(program.folder, f"limit-{size}")
        result = program.run(
            program.command(run),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        require(result.returncode in (73, 74),
                f"{run}: status {result.returncode}: {result.stderr}")
        require("limit-" in result.stderr and "bytes" in result.stderr, f"{run}: {result.stderr}")
        require(not partials(run), f"{run}: left {partials(run)}")
        if os.path.exists(os.path.join(run, "passport.json")):
            program.finish(run)
            require_equal(outcome(run), expected, run)
    return f"files limited to {', '.join(map(str, sizes))} bytes"


@contextlib.contextmanager
def small_disk(folder):
    """A disk of 1 MiB; None without root."""
    disk = os.path.join(folder, "disk")
    os.makedirs(disk, exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "clseq", disk],
                             capture_output=True)
    if mounted.returncode != 0:
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def fill_disk(program, expected):
    """A disk of 1 MiB that has room for the run, for its beginning, or for nothing."""
    with small_disk(program.folder) as disk:
        if disk is None:
            return "SKIPPED: a disk of 1 MiB needs root"
        counts = []
        for free in range(0, 100_000, 4_096):
            run = os.path.join(disk, "run")
            shutil.rmtree(run, ignore_errors=True)
            filler = os.path.join(disk, "filler")
            space = os.statvfs(disk)
            with open(filler, "wb") as file:
                file.write(bytes(max(0, space.f_bavail * space.f_bsize - free)))
            result = program.run(program.command(run))
            os.remove(filler)
            if result.returncode == 0:
                break
            counts.append(free)
            require(result.returncode in (73, 74),
                    f"{free}: status {result.returncode}: {result.stderr}")
            require("disk/run" in result.stderr, f"{free} free: {result.stderr}")
            require(not partials(run), f"{free} free: left {partials(run)}")
            if os.path.exists(os.path.join(run, "passport.json")):
                program.finish(run)
                require_equal(outcome(run), expected, f"{free} bytes free")
    return f"{len(counts)} trainings on a disk with up to {counts[-1]} bytes free"


def full_cache(program):
    """A cache of kernels on a disk that has no room for them: they are built elsewhere."""
    with small_disk(program.folder) as disk:
        if disk is None:
            return "SKIPPED: a disk of 1 MiB needs root"
        run = os.path.join(program.folder, "full-cache")
        result = subprocess.run(
            [*program.command(run), "--epochs", "1"], capture_output=True, text=True,
            env={**program.environment, "XDG_CACHE_HOME": disk})
        require(result.returncode == 0, f"status {result.returncode}: {result.stderr}")
        require(f"{disk}/clseq/kernels: " in result.stderr and "bytes are free" in result.stderr,
                result.stderr)
    return "a training without room for its kernels"


def full_outputs(program, run):
    """Every command that writes says so when nothing can be written."""
    commands = [
        [*program.command(os.path.join(program.folder, "full-train"))[1:], "--epochs", "1"],
        ["evaluate", run, "--quiet"], ["predict", run, program.log, "--quiet"],
        ["recommend", run, "--history", "1", "--quiet"], ["inspect", program.log], ["generate"],
        ["devices"], ["compare", run, run],
    ]
    for words in commands:
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = program.run([program.path, *words], stdout=full)
        require(result.returncode == 74, f"{words}: status {result.returncode}: {result.stderr}")
        require("standard output" in result.stderr, f"{words}: {result.stderr}")
    return f"standard output full: {len(commands)} commands"
