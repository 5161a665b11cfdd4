"""Loops of NVIDIA machine code, as `nvdisasm -c` prints it."""

import re
from dataclasses import dataclass

INSTRUCTION = re.compile(r"/\*[0-9a-f]+\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)(.*?);")
LABEL = re.compile(r"^(\.L_x_\d+):")
TARGET = re.compile(r"`\((\.L_x_\d+)\)")


@dataclass
class Loop:
    """Instructions from a label to a branch back to it."""

    first: int
    last: int
    operations: list
    depth: int = 1
    is_innermost: bool = True

    def share(self, *prefixes):
        """The share of the instructions whose names begin so."""
        count = sum(operation.startswith(prefixes) for operation in self.operations)
        return count / len(self.operations)

    @property
    def multiply_adds(self):
        """Multiply-adds of one turn; FFMA2 does two."""
        return sum(2 if operation.startswith("FFMA2") else 1
                   for operation in self.operations if operation.startswith("FFMA"))


def kernels(text):
    """The instructions of each kernel: name → (operation, rest) with the labels before them."""
    found, name = {}, None
    for line in text.splitlines():
        section = re.match(r"\s*\.section\s+\.text\.(\w+)", line)
        if section:
            name = section.group(1)
            found[name] = []
        if name is None:
            continue
        label = LABEL.match(line)
        if label:
            found[name].append(("label", label.group(1)))
        for operation, rest in INSTRUCTION.findall(line):
            found[name].append((operation, rest))
    return found


def loops(lines):
    """The loops of a kernel's lines, with their depths."""
    places, operations, branches = {}, [], []
    for operation, rest in lines:
        if operation == "label":
            places[rest] = len(operations)
            continue
        if operation.startswith("BRA"):
            target = TARGET.search(rest)
            if target:
                branches.append((target.group(1), len(operations)))
        operations.append(operation)
    found = {}
    for label, last in branches:
        first = places.get(label)
        # The branch at the end of a kernel to itself is padding.
        if first is not None and first < last:
            found[first] = max(last, found.get(first, 0))
    all_loops = [Loop(first, last, operations[first:last + 1]) for first, last in found.items()]
    for loop in all_loops:
        for other in all_loops:
            if other is not loop and other.first <= loop.first and loop.last <= other.last:
                loop.depth += 1
                other.is_innermost = False
    return all_loops


# A loop inside another is taken to turn so many times as often.
TURNS = 16


def hottest(lines):
    """The loop with the most executed multiply-adds; None where no loop has any."""
    candidates = [loop for loop in loops(lines) if loop.multiply_adds > 0]
    innermost = [loop for loop in candidates if loop.is_innermost or not any(
        other is not loop and loop.first <= other.first and other.last <= loop.last
        for other in candidates)]
    return max(innermost, key=lambda loop: loop.multiply_adds * TURNS ** loop.depth, default=None)
