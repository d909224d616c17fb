# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Times trispike's training beside its peers', each in a process of its own, in turns, and writes the table of
scripts/bench training. A value is the median of the best turn, since other load only ever slows down; a ratio says how
many times better trispike is."""
import argparse
import json
import os
import pathlib
import platform
import shlex
import socket
import statistics
import subprocess
import sys
from importlib.metadata import version

HERE = pathlib.Path(__file__).parent
RECIPE = HERE.parents[1] / "recipes/cifar10-resnet20.toml"
BATCH = 32
STEP_PEERS = ["authors-fp32", "authors-bf16", "spikingjelly-fp32", "spikingjelly-bf16", "snntorch-fp32"]
LAYER_PEERS = ["authors-fp32", "spikingjelly-fp32", "snntorch-fp32", "norse-fp32"]
LINEAR_STEPS = [1, 2, 4, 8, 16, 32]
CASES = ["T2", "T4", "lif-layer", "threads-2", "processes-2", "linear"]
PRECISIONS = {"fp32": "float32", "bf16": "bfloat16"}


def cpu_name():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def has_bf16():
    return "avx512_bf16" in open("/proc/cpuinfo").read()


class Bench:
    def __init__(self, options):
        self.options = options
        self.seen = {}  # what was measured: list of answers

    def command(self, arguments, threads):
        pinned = ["taskset", "-c", ",".join(str(core) for core in range(threads))]
        command = [*shlex.split(self.options.prefix), *pinned, *arguments]
        # GNU OpenMP reads the number of threads before LibTorch is told.
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        result = subprocess.run([str(a) for a in command], stdout=subprocess.PIPE, check=True, text=True,
                                env=environment)
        return json.loads(result.stdout)

    def trispike(self, precision, time_steps, threads):
        return self.command([self.options.bench, "step", RECIPE, "--seconds", self.options.seconds, "--set",
                             f"train.batch_size={BATCH}", f"train.threads={threads}",
                             f"train.precision={PRECISIONS[precision]}", f"network.time_steps={time_steps}"], threads)

    def trispike_ranks(self, precision, time_steps, count):
        """Processes of one thread each that share the batch, one core each; the answer of rank 0."""
        recipe = [self.options.bench, "step", RECIPE, "--least", "8", "--set", f"train.batch_size={BATCH}",
                  "train.threads=1", f"train.precision={PRECISIONS[precision]}", f"network.time_steps={time_steps}"]
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        script = " & ".join(
            f"RANK={rank} taskset -c {rank} {shlex.join(str(word) for word in recipe)}"
            + (" > /dev/null" if rank > 0 else "") for rank in reversed(range(count))) + "; wait"
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count),
                       "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        result = subprocess.run([*shlex.split(self.options.prefix), "bash", "-c", script], stdout=subprocess.PIPE,
                                check=True, text=True, env=environment)
        return json.loads(result.stdout)

    def measure(self, name):
        """name: (what, who, time steps, threads); 'step' or 'layer', trispike or a peer."""
        what, who, time_steps, threads = name
        if who.startswith("trispike"):
            if what == "ranks":
                answer = self.trispike_ranks(who.rsplit("-", 1)[1], time_steps, threads)
            elif what == "step":
                answer = self.trispike(who.rsplit("-", 1)[1], time_steps, threads)
            else:
                answer = self.command([self.options.bench, "layer", "--threads", threads, "--seconds",
                                       self.options.seconds], threads)
        else:
            steps = [time_steps] if what == "step" else []
            answer = self.command([sys.executable, HERE / "peer.py", what, who, *steps, threads,
                                   self.options.seconds], threads)
        self.seen.setdefault(name, []).append(answer)
        print(f"  {' '.join(str(part) for part in name)}: {statistics.median(answer['milliseconds']):.1f} ms, "
              f"{answer['peak_mebibytes']:.0f} MiB", file=sys.stderr, flush=True)

    def milliseconds(self, name):
        return min(statistics.median(answer["milliseconds"]) for answer in self.seen[name])

    def images(self, name):
        return BATCH * 1e3 / self.milliseconds(name)

    def memory(self, name):
        return statistics.median([answer["peak_mebibytes"] for answer in self.seen[name]])


def row(case, threads, peer, precision, unit, peer_value, trispike_value):
    more_is_better = unit == "images/s"
    ratio = trispike_value / peer_value if more_is_better else peer_value / trispike_value
    return {"case": case, "threads": threads, "peer": peer, "unit": unit, "peer_value": round(peer_value, 3),
            "trispike_value": round(trispike_value, 3), "trispike_precision": precision, "ratio": round(ratio, 3)}


def in_turns(bench, names, turns):
    for turn in range(turns):
        print(f"turn {turn + 1} of {turns}", file=sys.stderr, flush=True)
        for name in names:
            bench.measure(name)


def step_rows(bench, case, options):
    steps = int(case[1:])
    ours = {p: ("step", f"trispike-{p}", steps, 1) for p in options.precisions}
    theirs = {peer: ("step", peer, steps, 1) for peer in options.peers if peer in STEP_PEERS}
    in_turns(bench, [*ours.values(), *theirs.values()], options.turns)
    rows = []
    for peer, name in theirs.items():
        for precision, own in ours.items():
            rows.append(row(case, 1, peer, precision, "images/s", bench.images(name), bench.images(own)))
            rows.append(row(f"memory-{case}", 1, peer, precision, "MiB", bench.memory(name), bench.memory(own)))
    return rows


def layer_rows(bench, options):
    own = ("layer", "trispike-fp32", 4, 1)
    theirs = {peer: ("layer", peer, 4, 1) for peer in LAYER_PEERS}
    in_turns(bench, [own, *theirs.values()], options.turns)
    return [row("lif-layer", 1, peer, "fp32", "ms", bench.milliseconds(name), bench.milliseconds(own))
            for peer, name in theirs.items()]


def thread_rows(bench, options):
    names = {(p, t): ("step", f"trispike-{p}", 4, t) for p in options.precisions for t in (1, 2)}
    theirs = ("step", "authors-fp32", 4, 2)
    in_turns(bench, [*names.values(), theirs], options.turns)
    rows = []
    for p in options.precisions:
        one, two = bench.images(names[p, 1]), bench.images(names[p, 2])
        rows.append(row("threads-2", 2, "trispike-1-thread", p, "images/s", one, two))
        rows.append(row("threads-2", 2, "authors-fp32", p, "images/s", bench.images(theirs), two))
    return rows


def process_rows(bench, options):
    rows = []
    for p in options.precisions:
        for steps in (2, 4):
            one, two = ("step", f"trispike-{p}", steps, 1), ("ranks", f"trispike-{p}", steps, 2)
            in_turns(bench, [one, two], options.turns)
            rows.append(row(f"processes-2-T{steps}", 1, "trispike-1-process", p, "images/s", bench.images(one),
                            bench.images(two)))
    return rows


def linear_rows(bench, options):
    """Peer: what T = 2 would give if cost grew with T; below 1 means that cost grows faster."""
    rows = []
    for p in options.precisions:
        names = {t: ("step", f"trispike-{p}", t, 1) for t in LINEAR_STEPS}
        in_turns(bench, names.values(), options.turns)
        for t, name in names.items():
            expected = bench.images(names[2]) * 2 / t
            rows.append(row(f"linear-T{t}", 1, "trispike-T2-scaled", p, "images/s", expected, bench.images(name)))
            rows.append(row(f"linear-memory-T{t}", 1, "trispike-T2-scaled", p, "MiB",
                            bench.memory(names[2]) * t / 2, bench.memory(name)))
    return rows


ROWS = {"lif-layer": layer_rows, "threads-2": thread_rows, "processes-2": process_rows, "linear": linear_rows}


def merged(path, fresh, rows):
    """Rows measured now, and those of the file that were not, if it is of the same machine and versions."""
    key = lambda r: (r["case"], r["threads"], r["peer"], r["trispike_precision"])
    try:
        old = json.loads(pathlib.Path(path).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        old = {}
    kept = old.get("rows", []) if all(old.get(k) == fresh[k] for k in ("machine", "versions")) else []
    now = {key(r) for r in rows}
    return {**fresh, "rows": sorted([r for r in kept if key(r) not in now] + rows, key=key)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--peers", nargs="+", choices=STEP_PEERS, default=STEP_PEERS)
    parser.add_argument("--precisions", nargs="+", choices=list(PRECISIONS),
                        default=list(PRECISIONS) if has_bf16() else ["fp32"])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--prefix", default="")
    options = parser.parse_args()
    fresh = {"machine": {"cpu": cpu_name(), "cores": os.cpu_count(), "system": platform.platform()},
             "versions": {name: version(name) for name in ("torch", "spikingjelly", "snntorch", "norse")},
             "network": "resnet20, width 64, 3x32x32", "batch": BATCH}
    for case in options.cases:
        bench = Bench(options)
        print(f"{case}", file=sys.stderr, flush=True)
        rows = ROWS[case](bench, options) if case in ROWS else step_rows(bench, case, options)
        result = merged(options.output, fresh, rows)
        with open(options.output + ".part", "w") as file:
            json.dump(result, file, indent=1)
            file.write("\n")
        os.replace(options.output + ".part", options.output)
        for r in rows:
            print(f"{r['case']:18} {r['threads']} thread(s)  {r['peer']:20} {r['peer_value']:10.2f} {r['unit']:8}  "
                  f"trispike {r['trispike_precision']} {r['trispike_value']:10.2f}  ratio {r['ratio']:6.2f}", flush=True)


if __name__ == "__main__":
    main()
