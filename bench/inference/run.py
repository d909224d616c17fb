# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Times trispike beside its peers, one after the other in turns, and writes the table of scripts/bench.

Every engine has one topology; the peers run the equivalent ANN once, trispike and pytorch-eager the
spiking network for all its time steps. A ratio is the median of all runs of the peer over that of
trispike's."""
import argparse
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
PEERS = ["onnxruntime-fp32", "onnxruntime-int8", "openvino-fp32", "openvino-int8", "openvino-int8-avx2",
         "pytorch-eager"]


def cpu_name():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def command(arguments, environment=None):
    result = subprocess.run([str(a) for a in arguments], stdout=subprocess.PIPE, check=True, text=True,
                            env={**os.environ, **(environment or {})})
    return json.loads(result.stdout)


def pinned(threads):
    return ["taskset", "-c", ",".join(str(core) for core in range(threads))]


def time_peer(peer, stem, folded, batch, threads, seconds):
    model = folded if peer == "pytorch-eager" else stem + ("_int8.onnx" if "int8" in peer else ".onnx")
    environment = {"ONEDNN_MAX_CPU_ISA": "AVX2"} if peer.endswith("avx2") else {}
    return command([*pinned(threads), sys.executable, HERE / "peer.py", peer, model, batch, threads, seconds],
                   environment)


def time_trispike(program, model, batch, threads, seconds):
    return command([*pinned(threads), program, "bench", model, "--batch", batch, "--threads", threads,
                    "--seconds", seconds, "--json"])


def rows_of(options, network, density, batch, peers):
    stem = f"{options.work}/{network}-{density}"
    folded, integer = f"{stem}-folded.safetensors", f"{stem}-integer.safetensors"
    for path, extra in ((folded, ["--float32"]), (integer, [])):
        if not os.path.exists(path):
            subprocess.run([options.calibrated, network, "-o", path, "--density", str(density), *extra], check=True,
                           stderr=subprocess.DEVNULL)
    if not os.path.exists(stem + "_int8.onnx"):
        onnx_network.write(stem, folded)
    times = {peer: [] for peer in peers}
    ours, low = [], []
    for turn in range(options.turns):
        answer = time_trispike(options.trispike, integer, batch, options.threads, options.seconds)
        ours.append(answer["milliseconds"]["median"])
        low.append(answer["milliseconds"]["p10"])
        for peer in peers:
            times[peer] += time_peer(peer, stem, folded, batch, options.threads, options.seconds)
        print(f"{network} {density} batch {batch}: turn {turn + 1} of {options.turns}", file=sys.stderr)
    rows = []
    for peer in peers:
        peer_ms = statistics.median(times[peer])
        rows.append({"network": network, "batch": batch, "threads": options.threads,
                     "target": answer["target"], "time_steps": answer["time_steps"],
                     "density": round(answer["firing_rate"], 4),
                     "mode": "events; multiplies in " + (", ".join(answer["multiplying_layers"]) or "no layer"),
                     "weight_bits": 8, "spikes": "calibrated", "peer": peer, "peer_ms": round(peer_ms, 4),
                     "peer_p10_ms": round(sorted(times[peer])[len(times[peer]) // 10], 4),
                     "trispike_ms": round(statistics.median(ours), 4), "trispike_p10_ms": round(min(low), 4),
                     "ratio": round(peer_ms / statistics.median(ours), 3)})
    return rows, answer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trispike", required=True)
    parser.add_argument("--calibrated", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--networks", nargs="+", default=["resnet20", "resnet19"])
    parser.add_argument("--densities", nargs="+", type=float, default=[0.18, 0.10])
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    result = {"machine": {"cpu": cpu_name(), "cores": os.cpu_count(), "system": platform.platform(),
                          "target": command([options.trispike, "cpu", "--json"])["chosen"]},
              "versions": {name: version(name) for name in ("onnxruntime", "openvino", "torch", "numpy")},
              "turns": options.turns, "seconds": options.seconds, "rows": []}
    for network in options.networks:
        for density in options.densities:
            for batch in options.batches:
                rows, answer = rows_of(options, network, density, batch, options.peers)
                result["rows"] += rows
                result.setdefault("memory", {})[network] = {
                    "packed_mebibytes": round(answer["packed_bytes"] / 2**20, 2),
                    "peak_mebibytes": round(answer["peak_mebibytes"], 1),
                    "load_milliseconds": round(answer["load_milliseconds"], 1)}
                with open(options.output + ".part", "w") as file:
                    json.dump(result, file, indent=1)
                    file.write("\n")
                os.replace(options.output + ".part", options.output)
                for row in rows:
                    print(f"{network:9} {row['density']:.3f}  batch {batch:3}  {row['peer']:20} {row['peer_ms']:9.3f} ms"
                          f"  trispike {row['trispike_ms']:8.3f} ms  ratio {row['ratio']:6.2f}", flush=True)


if __name__ == "__main__":
    main()
