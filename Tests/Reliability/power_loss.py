"""Loss of power: writes that were not flushed are dropped.

A training is watched by strace. Its calls are played back on a model of a disk that knows, for
every file and folder, what is there and what was flushed; the model is cut off after every call,
and what it then still holds is written out as a run that must go on to the same end.
"""

import os
import re
import shutil

from trial import Failure, outcome, require, require_equal

CALLS = ("openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,"
         "unlink,unlinkat,rmdir,symlink,symlinkat")
LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")


class Node:
    """A file's bytes, a folder's names, or a link's target; as they are, and as last flushed."""

    def __init__(self, content):
        self.content = content
        self.flushed = type(content)()

    def flush(self):
        self.flushed = self.content if isinstance(self.content, bytes) else dict(self.content)


class Disk:
    """All that lies below a folder."""

    def __init__(self, root):
        self.root, self.top = root, Node({})
        self.top.flush()

    def split(self, path):
        """The folder's node and the last name, or None for what lies elsewhere."""
        path = os.path.normpath(path)
        if not path.startswith(self.root + os.sep):
            return None
        names = path[len(self.root) + 1:].split(os.sep)
        node = self.top
        for name in names[:-1]:
            node = node.content[name]
        return node, names[-1]

    def node(self, path):
        if os.path.normpath(path) == self.root:
            return self.top
        found = self.split(path)
        return found and found[0].content.get(found[1])

    def write_out(self, folder, keeps_names):
        """What is left: flushed content, under flushed names or under all names."""
        def write(node, path):
            if isinstance(node.content, dict):
                os.makedirs(path, exist_ok=True)
                names = node.content if keeps_names else node.flushed
                for name, child in names.items():
                    write(child, os.path.join(path, name))
            elif isinstance(node.content, str):
                os.symlink(node.content, path)
            else:
                with open(path, "wb") as file:
                    file.write(node.flushed)
        write(self.top, folder)


def unquoted(text):
    """The bytes of a string that strace wrote in hexadecimal."""
    return bytes(int(pair, 16) for pair in re.findall(r"\\x([0-9a-f]{2})", text))


def play(disk, call, text):
    """Does to the model what a call has done to the disk. Returns whether it changed anything."""
    quoted = [unquoted(found).decode() if call not in ("write", "pwrite64") else unquoted(found)
              for found in re.findall(r'"((?:\\x[0-9a-f]{2})*)"', text)]
    opened = [
        unquoted(found).decode() for found in re.findall(r"^\d+<((?:\\x[0-9a-f]{2})*)>", text)]
    if call == "openat":
        place = disk.split(quoted[0])
        if place is None:
            return False
        folder, name = place
        if name not in folder.content and "O_CREAT" in text:
            folder.content[name] = Node(b"")
            return True
        if name in folder.content and "O_TRUNC" in text:
            folder.content[name].content = b""
            return True
        return False
    if call in ("write", "pwrite64", "ftruncate", "fsync", "fdatasync"):
        node = disk.node(opened[0]) if opened else None
        if node is None:
            return False
        if call in ("fsync", "fdatasync"):
            node.flush()
        elif call == "ftruncate":
            node.content = node.content[:int(text.split(",")[1])]
        else:
            node.content += quoted[0]
        return True
    paths = [path for path in quoted]
    if call.startswith("symlink"):
        folder, name = disk.split(paths[1]) or (None, None)
        if folder is not None:
            node = Node(paths[0])
            folder.content[name] = node
        return folder is not None
    places = [disk.split(path) for path in paths]
    if None in places or not places:
        return False
    folder, name = places[0]
    if call.startswith("mkdir"):
        folder.content[name] = Node({})
    elif call.startswith("rename"):
        places[1][0].content[places[1][1]] = folder.content.pop(name)
    else:
        folder.content.pop(name, None)
    return True


def calls(trace):
    """The calls that succeeded, in the order in which they ended."""
    unfinished = {}
    with open(trace, encoding="ascii") as lines:
        for line in lines:
            process = line.split(" ", 1)[0]
            if "<unfinished ...>" in line:
                unfinished[process] = line.split("<unfinished")[0].rstrip()
                continue
            resumed = re.match(r"^\d+ +<\.\.\. \w+ resumed>(.*)", line)
            if resumed:
                line = unfinished.pop(process) + resumed.group(1)
            found = LINE.match(line)
            if found and int(found.group(4)) >= 0:
                yield found.group(2), found.group(3)


def lose_power(program, expected, every=1):
    """Cuts the power after every `every`-th call, in both ways in which names may be lost."""
    folder = os.path.realpath(os.path.join(program.folder, "power"))
    os.makedirs(folder)
    run = os.path.join(folder, "run")
    trace = os.path.join(program.folder, "calls")
    result = program.run(
        ["strace", "-f", "-qq", "-y", "-xx", "-s", "100000000", "-o", trace, "-e",
         f"trace={CALLS}", *program.command(run)])
    require(result.returncode == 0, f"strace: {result.stderr}")
    require_equal(outcome(run), expected, "the watched training")
    disk = Disk(folder)
    changes = trials = unborn = 0
    for call, text in calls(trace):
        if not play(disk, call, text):
            continue
        changes += 1
        if changes % every != 0:
            continue
        for keeps_names in (False, True):
            left = os.path.join(program.folder, "left")
            shutil.rmtree(left, ignore_errors=True)
            disk.write_out(left, keeps_names)
            rest = os.path.join(left, "run")
            if not os.path.exists(os.path.join(rest, "passport.json")):
                unborn += 1
                continue
            try:
                program.finish(rest)
                require_equal(outcome(rest), expected, rest)
            except Failure as failure:
                title = f"after change {changes} ({call} {text[:200]})"
                raise Failure(f"{title}: {failure}") from failure
            trials += 1
    require(trials > 0, "no trial: strace saw no change")
    return (f"power lost after {changes // every} of {changes} changes: {trials} runs went on, "
            f"{unborn} had not begun")
