# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Times trispike beside its peers, one after the other in turns, and writes the table of scripts/bench.

Every engine has one topology; the peers run the equivalent ANN once, trispike and pytorch-eager the
spiking network for all its time steps. A ratio is the median of all runs of the peer over that of
trispike's."""
import argparse
import itertools
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
from importlib.metadata import version

import onnx_network

HERE = pathlib.Path(__file__).parent


def of_cpu(key):
    for line in open("/proc/cpuinfo"):
        if line.startswith(key):
            return line.split(":", 1)[1].strip()
    return ""


# Peers that are held to an instruction set, oneDNN's name of it, and what trispike is held to beside them.
HELD = {"openvino-int8-avx2": ("AVX2", "avx2")}
if "amx_int8" in of_cpu("flags").split():  # elsewhere nothing is beyond it
    HELD["openvino-int8-vnni"] = ("AVX512_CORE_VNNI", "avx512vnni")
PEERS = ["onnxruntime-fp32", "onnxruntime-int8", "openvino-fp32", "openvino-int8", *HELD, "pytorch-eager"]


def command(arguments, environment=None):
    result = subprocess.run([str(a) for a in arguments], stdout=subprocess.PIPE, check=True, text=True,
                            env={**os.environ, **(environment or {})})
    return json.loads(result.stdout)


def pinned(threads):
    return ["taskset", "-c", ",".join(str(core) for core in range(threads))]


def time_peer(peer, stem, folded, batch, threads, seconds):
    model = folded if peer == "pytorch-eager" else stem + ("_int8.onnx" if "int8" in peer else ".onnx")
    environment = {"ONEDNN_MAX_CPU_ISA": HELD[peer][0]} if peer in HELD else {}
    return command([*pinned(threads), sys.executable, HERE / "peer.py", peer, model, batch, threads, seconds],
                   environment)


def time_trispike(program, model, batch, threads, seconds, extra=(), target=None):
    environment = {"TRISPIKE_TARGET": target} if target else {}
    return command([*pinned(threads), program, "bench", model, "--batch", batch, "--threads", threads,
                    "--seconds", seconds, "--json", *extra], environment)


class Ours:
    """One way to run trispike, timed in turns with the peers it is compared with."""

    def __init__(self, name, peers, extra=(), target=None):
        self.name, self.peers, self.extra, self.target = name, peers, extra, target
        self.times, self.low, self.answer = [], [], None

    def measure(self, options, model, batch, data):
        extra = [*self.extra, *(["--data", data] if data else [])]
        self.answer = time_trispike(options.trispike, model, batch, options.threads, options.seconds, extra,
                                    self.target)
        self.times.append(self.answer["milliseconds"]["median"])
        self.low.append(self.answer["milliseconds"]["p10"])


def ways(peers):
    """With all kernels, adding spikes only, and held to an instruction set as the peer is."""
    plain = [peer for peer in peers if peer not in HELD]
    found = [Ours("fastest", plain), Ours("event-driven", plain, ["--event-driven"])]
    for peer in peers:
        if peer in HELD:
            target = HELD[peer][1]
            found += [Ours("fastest", [peer], target=target),
                      Ours("event-driven", [peer], ["--event-driven"], target)]
    return found


def rows_of(options, network, stem, integer, weight_bits, batch, peers, spikes, data=None):
    folded = f"{stem}-folded.safetensors"
    onnx = f"{options.work}/{pathlib.Path(stem).name}"
    if not os.path.exists(onnx + "_int8.onnx") or os.path.getmtime(onnx + "_int8.onnx") < os.path.getmtime(folded):
        onnx_network.write(onnx, folded)
    times = {peer: [] for peer in peers}
    ours = ways(peers)
    for turn in range(options.turns):
        for way in ours:
            way.measure(options, integer, batch, data)
        for peer in peers:
            times[peer] += time_peer(peer, onnx, folded, batch, options.threads, options.seconds)
        print(f"{stem} batch {batch}: turn {turn + 1} of {options.turns}", file=sys.stderr)
    rows = []
    for way in ours:
        mine, answer = statistics.median(way.times), way.answer
        for peer in way.peers:
            peer_ms = statistics.median(times[peer])
            rows.append({"network": network, "batch": batch, "threads": options.threads,
                         "target": answer["target"], "time_steps": answer["time_steps"],
                         "density": round(answer["firing_rate"], 4), "mode": way.name,
                         "multiplying_layers": answer["multiplying_layers"],
                         "weight_bits": weight_bits, "spikes": spikes, "peer": peer, "peer_ms": round(peer_ms, 4),
                         "peer_p10_ms": round(sorted(times[peer])[len(times[peer]) // 10], 4),
                         "trispike_ms": round(mine, 4), "trispike_p10_ms": round(min(way.low), 4),
                         "ratio": round(peer_ms / mine, 3)})
    return rows, ours[0].answer


def stem_of(options, network, density, time_steps=2):
    """Of the files of a model whose layers all fire at one rate."""
    return f"{options.work}/{network}-{density}" + (f"-T{time_steps}" if time_steps != 2 else "")


def calibrated(options, network, density, time_steps=2, weight_bits=8):
    """That model: in integers, or folded for weight_bits None; made if it is not there."""
    kind = "folded" if weight_bits is None else "integer" if weight_bits == 8 else f"integer-{weight_bits}bits"
    path = f"{stem_of(options, network, density, time_steps)}-{kind}.safetensors"
    if not os.path.exists(path):
        print(f"making {path}", file=sys.stderr)
        arithmetic = ["--float32"] if weight_bits is None else ["--weight-bits", str(weight_bits)]
        subprocess.run([options.calibrated, network, "-o", path, "--density", str(density), "--time-steps",
                        str(time_steps), *arithmetic], check=True, stderr=subprocess.DEVNULL)
    return path


def curves(options, network):
    """Ours alone: milliseconds per picture against firing rate, time steps, batch and threads."""
    def point(model, batch=1, threads=1, extra=()):
        answer = time_trispike(options.trispike, model, batch, threads, options.seconds, extra)
        return {"density": round(answer["firing_rate"], 4), "time_steps": answer["time_steps"], "batch": batch,
                "threads": threads, "mode": "event-driven" if extra else "fastest",
                "milliseconds_per_image": round(answer["milliseconds_per_image"], 4)}

    found = {"density": [], "time_steps": [], "batch": [], "threads": []}
    for density in options.curve_densities:
        model = calibrated(options, network, density)
        found["density"] += [point(model), point(model, extra=["--event-driven"])]
    middle = options.densities[0]
    for time_steps in (1, 2, 4, 8):
        found["time_steps"].append(point(calibrated(options, network, middle, time_steps)))
    model = calibrated(options, network, middle)
    for batch in (1, 2, 4, 8, 16, 32):
        found["batch"].append(point(model, batch))
    for threads in range(1, (os.cpu_count() or 1) + 1):
        found["threads"] += [point(model, 1, threads), point(model, 16, threads)]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trispike", required=True)
    parser.add_argument("--calibrated", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--networks", nargs="*", default=["resnet20", "resnet19"])
    parser.add_argument("--densities", nargs="+", type=float, default=[0.18, 0.10])
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--time-steps", nargs="+", type=int, default=[2])
    parser.add_argument("--weight-bits", nargs="+", type=int, choices=[8, 7, 6], default=[8])
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--append", action="store_true", help="keep other rows of the output")
    parser.add_argument("--curves", action="store_true")
    parser.add_argument("--curve-densities", nargs="+", type=float,
                        default=[0.02, 0.05, 0.1, 0.18, 0.25, 0.3, 0.4, 0.55, 0.7])
    parser.add_argument("--trained", nargs="*", default=[], metavar="STEM",
                        help="STEM-integer.safetensors and STEM-folded.safetensors")
    parser.add_argument("--data", help="pictures for --trained")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    result = {"machine": {"cpu": of_cpu("model name") or platform.machine(), "cores": os.cpu_count(), "system": platform.platform(),
                          "target": command([options.trispike, "cpu", "--json"])["chosen"]},
              "versions": {name: version(name) for name in ("onnxruntime", "openvino", "torch", "numpy")},
              "turns": options.turns, "seconds": options.seconds, "rows": []}

    if options.append and os.path.exists(options.output):
        with open(options.output) as file:
            before = json.load(file)
        for name in ("machine", "versions", "turns", "seconds"):
            if before[name] != result[name]:
                sys.exit(f"{options.output} is of another {name}: {before[name]}, not {result[name]}")
        result = {**before, **result, "rows": before["rows"]}

    def key(row):
        return [row[name] for name in ("network", "batch", "threads", "time_steps", "density", "mode", "target",
                                       "weight_bits", "spikes", "peer")]

    def write():
        with open(options.output + ".part", "w") as file:
            json.dump(result, file, indent=1)
            file.write("\n")
        os.replace(options.output + ".part", options.output)

    def add(network, stem, integer, weight_bits, batch, spikes, data=None):
        rows, answer = rows_of(options, network, stem, integer, weight_bits, batch, options.peers, spikes, data)
        new = [key(row) for row in rows]
        result["rows"] = [row for row in result["rows"] if key(row) not in new] + rows
        if weight_bits == 8:
            result.setdefault("memory", {})[network] = {  # the same for all densities and batches
                "packed_mebibytes": round(answer["packed_bytes"] / 2**20, 2),
                "peak_mebibytes": round(answer["peak_mebibytes"], 1),
                "load_milliseconds": round(answer["load_milliseconds"], 1)}
        write()
        for row in rows:
            print(f"{network:9} T={row['time_steps']} {row['weight_bits']} bits {row['density']:.3f} {spikes:10} "
                  f"batch {batch:3} {row['mode']:12} "
                  f"{row['peer']:20} {row['peer_ms']:9.3f} ms  trispike {row['trispike_ms']:8.3f} ms  "
                  f"ratio {row['ratio']:6.2f}", flush=True)

    for network, density, time_steps in itertools.product(options.networks, options.densities, options.time_steps):
        calibrated(options, network, density, time_steps, None)
        for weight_bits, batch in itertools.product(options.weight_bits, options.batches):
            add(network, stem_of(options, network, density, time_steps),
                calibrated(options, network, density, time_steps, weight_bits), weight_bits, batch, "calibrated")
    for stem, batch in itertools.product(options.trained, options.batches):
        add(pathlib.Path(stem).name, stem, f"{stem}-integer.safetensors", 8, batch, "trained", options.data)
    if options.curves:
        result["curves"] = {network: curves(options, network) for network in options.networks[:1] or ["resnet20"]}
        write()
    if result["rows"] or options.curves:
        import plot
        plot.write(result, pathlib.Path(options.output).with_suffix(".svg"))


if __name__ == "__main__":
    main()
