"""Compilers of GPU vendors, which need no GPU: clang with libclc and ptxas for NVIDIA, clang with the
ROCm device libraries for AMD, ocloc for Intel. Each turns a program into facts per kernel."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

import machine_code

CLANG = "clang-15"
# Knows AMD's newer devices, and that those of RDNA 3 have 256 registers an item.
CLANG_AMD = "clang-19"


@dataclass
class Facts:
    """The compiled form of one kernel; None where the compiler does not tell."""

    registers: int = None
    stack: int = 0
    spills: int = 0
    local: int = 0
    # Of the loop with the most multiply-adds: instructions, and the shares of some of them.
    hottest: int = None
    multiply_adds: float = None
    local_loads: float = None
    global_loads: float = None
    faults: list = field(default_factory=list)


class CompileError(Exception):
    """A program that a compiler refuses, with its words."""


def run(arguments):
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CompileError((done.stderr or done.stdout).strip()[-2000:])
    return done.stdout + done.stderr


def definitions(options):
    return [option for option in options if option.startswith("-D")]


def clang(program, target, source, options, output, *more):
    run([program, "-x", "cl", "-cl-std=CL1.2", "-Wno-everything",
         # A pointer to numbers of another type reads wrong values without an error elsewhere.
         "-Werror=incompatible-pointer-types", "-O3", "-target", target,
         "-Xclang", "-finclude-default-header", *definitions(options), *more, source, "-o", output])


class NVIDIA:
    """clang's PTX for sm_70 or sm_80, assembled by ptxas, read back by nvdisasm."""

    def __init__(self, tools, arch):
        self.name = arch
        self.has_matrix_unit = arch != "sm_70"
        self.arch = arch
        # CUDA 12 is the last with Volta.
        home = "nvidia/cuda_nvcc" if arch == "sm_70" else "nvidia/cu13"
        self.ptxas = os.path.join(tools, home, "bin/ptxas")
        self.disassembler = os.path.join(tools, "nvidia/cu13/bin/nvdisasm")
        self.library = "/usr/lib/clc/nvptx64--nvidiacl.bc"

    def missing(self):
        for path in (self.ptxas, self.disassembler, self.library, shutil.which(CLANG) or CLANG):
            if not os.path.exists(path):
                return f"{path} is missing"
        return None

    def compile(self, source, options):
        with tempfile.TemporaryDirectory() as folder:
            ptx, cubin = os.path.join(folder, "a.ptx"), os.path.join(folder, "a.cubin")
            known = "sm_70" if self.arch == "sm_70" else "sm_80"
            clang(CLANG, "nvptx64-nvidia-nvcl", source, options, ptx, "-S",
                  "-Xclang", "-target-cpu", "-Xclang", known,
                  "-Xclang", "-target-feature", "-Xclang", "+ptx75",
                  "-Xclang", "-mlink-builtin-bitcode", "-Xclang", self.library)
            with open(ptx, encoding="utf-8") as file:
                text = file.read()
            aligned = self.alignments(text)
            version = "7.5" if self.arch == "sm_70" else "8.0"
            text = re.sub(r"^\.version.*$", f".version {version}", text, flags=re.M)
            text = re.sub(r"^\.target.*$", f".target {self.arch}", text, flags=re.M)
            with open(ptx, "w", encoding="utf-8") as file:
                file.write(text)
            report = run([self.ptxas, "-v", f"-arch={self.arch}", ptx, "-o", cubin])
            facts = self.report(report)
            # nvdisasm of CUDA 13 does not know Volta.
            if self.arch != "sm_70":
                code = run([self.disassembler, "-c", cubin])
                for name, lines in machine_code.kernels(code).items():
                    self.add_loop(facts[name], lines)
            for name, fault in aligned.items():
                if name in facts:
                    facts[name].faults.append(fault)
            return facts

    @staticmethod
    def report(text):
        facts, name = {}, None
        for line in text.splitlines():
            entry = re.search(r"Compiling entry function '(\w+)'", line)
            if entry:
                name = entry.group(1)
                facts[name] = Facts()
            spill = re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores", line)
            if spill and name:
                facts[name].stack, facts[name].spills = int(spill[1]), int(spill[2])
            used = re.search(r"Used (\d+) registers", line)
            if used:
                facts[name].registers = int(used[1])
                memory = re.search(r"(\d+) bytes smem", line)
                facts[name].local = int(memory[1]) if memory else 0
        return facts

    @staticmethod
    def add_loop(facts, lines):
        loop = machine_code.hottest(lines)
        if loop is None:
            return
        facts.hottest = len(loop.operations)
        facts.multiply_adds = loop.share("FFMA")
        facts.local_loads = loop.share("LDS")
        facts.global_loads = loop.share("LDG", "LD.", "LDL")

    @staticmethod
    def alignments(ptx):
        """Kernels that read vectors from local memory that may begin at any float."""
        found = {}
        declared = {}
        for align, name in re.findall(r"\.shared \.align (\d+) \.b8 ([\w$.]+)\[", ptx):
            declared[name] = int(align)
        for body in re.split(r"(?=\.visible \.entry )", ptx)[1:]:
            name = re.match(r"\.visible \.entry (\w+)", body).group(1)
            vectors = [int(width) for width in re.findall(r"(?:ld|st)\.shared\.v(\d)\.[fbu]32", body)]
            if not vectors:
                continue
            needed = 4 * max(vectors)
            low = [array for array, align in declared.items()
                   if align < needed and array.startswith(f"{name}.")]
            if low:
                found[name] = (f"vectors of {needed} bytes in local memory, and {low[0]} is aligned to "
                               f"{declared[low[0]]}")
        return found


class AMD:
    """clang's code for AMD, with the device libraries of ROCm."""

    has_matrix_unit = False

    LIBRARIES = "/usr/lib/x86_64-linux-gnu/amdgcn/bitcode"

    def __init__(self, arch):
        self.name = arch
        self.arch = arch

    def bitcode(self):
        version = self.arch[3:]
        # The libraries of Debian 12 end before these; this file holds the number of the version only.
        version = {"942": "90a", "1100": "1036"}.get(version, version)
        wave = "off" if self.arch.startswith("gfx9") else "on"
        names = ["opencl", "ocml", "ockl", "oclc_daz_opt_off", "oclc_unsafe_math_off",
                 "oclc_finite_only_off", "oclc_correctly_rounded_sqrt_off",
                 "oclc_wavefrontsize64_" + ("on" if wave == "off" else "off"),
                 f"oclc_isa_version_{version}", "oclc_abi_version_500"]
        return [f"{self.LIBRARIES}/{name}.bc" for name in names]

    def missing(self):
        if not shutil.which(CLANG_AMD):
            return f"{CLANG_AMD} is missing"
        for path in self.bitcode():
            if not os.path.exists(path):
                return f"{path} is missing"
        return None

    def compile(self, source, options):
        with tempfile.TemporaryDirectory() as folder:
            output = os.path.join(folder, "a.s")
            linked = [word for path in self.bitcode()
                      for word in ("-Xclang", "-mlink-builtin-bitcode", "-Xclang", path)]
            clang(CLANG_AMD, "amdgcn-amd-amdhsa", source, options, output, "-S", f"-mcpu={self.arch}",
                  "-nogpulib", *linked)
            with open(output, encoding="utf-8") as file:
                return self.report(file.read())

    @staticmethod
    def report(text):
        facts = {}
        metadata = text[text.rindex("amdhsa.kernels:"):]
        for entry in re.split(r"^  - ", metadata, flags=re.M)[1:]:
            def number(key, entry=entry):
                value = re.search(rf"\.{key}:\s+(\d+)", entry)
                return int(value[1]) if value else 0
            # Arguments have names too, and deeper.
            name = re.search(r"^    \.name:\s+(\w+)", entry, flags=re.M)
            if name is None:
                continue
            facts[name[1]] = Facts(
                registers=number("vgpr_count"), stack=number("private_segment_fixed_size"),
                spills=number("vgpr_spill_count"), local=number("group_segment_fixed_size"))
        return facts


class Intel:
    """ocloc, unpacked beside pocl, with which its packages conflict."""

    has_matrix_unit = False

    def __init__(self, root, device):
        self.name = device
        self.device = device
        self.root = root

    def missing(self):
        path = os.path.join(self.root, "usr/bin/ocloc")
        return None if os.path.exists(path) else f"{path} is missing"

    def compile(self, source, options):
        libraries = [os.path.abspath(os.path.join(self.root, "usr/lib/x86_64-linux-gnu"))]
        environment = dict(os.environ, LD_LIBRARY_PATH=":".join(libraries))
        with tempfile.TemporaryDirectory() as folder:
            line = " ".join(["-cl-std=CL1.2", "-w", *definitions(options)])
            done = subprocess.run(
                [os.path.join(self.root, "usr/bin/ocloc"), "compile", "-file", source, "-device",
                 self.device, "-options", line, "-out_dir", folder], capture_output=True, text=True,
                env=environment, check=False)
            told = done.stdout + done.stderr
            if done.returncode != 0 or "Build failed" in told:
                raise CompileError(told.strip()[-2000:])
            facts = {}
            for name, size in re.findall(r"kernel (\w+).*?spill(?:ed)? .*?(\d+)", told):
                facts[name] = Facts(spills=int(size))
            return facts


if __name__ == "__main__":
    sys.exit("toolchains.py is a part of forms.py")
