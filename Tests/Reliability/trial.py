"""What the trials share: a small training, the program run on it, and what a run comes to."""

import hashlib
import json
import os
import subprocess

SETTINGS = (
    "--hidden-size 8 --heads 1 --layers 1 --max-length 10 --batch-size 16 --epochs 40 --patience 4 "
    "--warmup-steps 5 --learning-rate 0.02 --checkpoint-every 3").split()
# The rate of a step depends on how many epochs there will be.
COSINE = ["--schedule", "cosine"]


class Failure(Exception):
    """A trial that did not go as it must."""


def require(condition, message):
    if not condition:
        raise Failure(message)


class Program:
    """The clseq binary with a small log in a folder of its own."""

    def __init__(self, path, folder, device="reference", settings=SETTINGS):
        self.path, self.folder = path, folder
        self.device, self.settings = device, list(settings)
        self.log = os.path.join(folder, "log.inter")
        # A cache of kernels of its own; the reference has none.
        self.environment = {
            **{key: value for key, value in os.environ.items() if key != "POCL_CACHE_DIR"},
            **({"POCL_CACHE_DIR": folder} if device == "reference" else {"XDG_CACHE_HOME": folder})}
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(self.log):
            words = "generate --users 60 --items 40 --max-events 20".split()
            subprocess.run([path, *words, self.log], check=True, stderr=subprocess.DEVNULL)

    def command(self, run, resumes=False):
        """A new training, or the rest of one."""
        if resumes:
            return [self.path, "train", "--resume", "--run", run, "--quiet"]
        return [self.path, "train", self.log, "--device", self.device, *self.settings, "--run",
                run, "--quiet"]

    def next_command(self, run):
        """The rest of a run that has begun, else a new one."""
        return self.command(run, os.path.exists(os.path.join(run, "passport.json")))

    def run(self, command, **options):
        """Runs a command to its end."""
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **options}
        return subprocess.run(command, env=self.environment, text=True, **options)

    def start(self, command, **options):
        """Begins a command."""
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
        return subprocess.Popen(command, env=self.environment, text=True, **options)

    def finish(self, run, *options):
        """Goes on with a run to its end; returns what it said."""
        result = self.run([*self.next_command(run), *options])
        require(result.returncode == 0, f"{run}: status {result.returncode}: {result.stderr}")
        return result.stderr


def outcome(run):
    """All of a finished run that must not depend on how often it was interrupted."""
    found = {"files": sorted(os.listdir(run)), "best": os.readlink(os.path.join(run, "best"))}
    found["files"] = [name for name in found["files"] if not name.startswith("events.out.")]
    checkpoints = os.path.join(run, "checkpoints")
    newest = sorted(os.listdir(checkpoints))[-1]
    found["newest"] = newest
    for name in (newest, os.path.basename(found["best"])):
        for file in ("model.safetensors", "optimizer.safetensors"):
            with open(os.path.join(checkpoints, name, file), "rb") as content:
                found[f"{name}/{file}"] = hashlib.sha256(content.read()).hexdigest()
    with open(os.path.join(checkpoints, newest, "state.json"), encoding="utf-8") as content:
        state = json.load(content)
    found["state"] = {key: state[key] for key in ("epoch", "batch", "step", "stopping")}
    with open(os.path.join(run, "metrics.jsonl"), encoding="utf-8") as lines:
        epochs = [json.loads(line) for line in lines]
    found["epochs"] = [
        {key: value for key, value in epoch.items() if key != "events_per_second"}
        for epoch in epochs]
    return found


def require_equal(found, expected, title):
    differences = [key for key in expected if found.get(key) != expected[key]]
    require(
        not differences,
        f"{title}: differs in {', '.join(differences)}: "
        f"{[(found.get(key), expected[key]) for key in differences][:1]}")


def partials(run):
    """Names of what was left half-written."""
    return [
        os.path.join(folder, name) for folder, folders, files in os.walk(run)
        for name in folders + files if name.endswith(".partial")]
