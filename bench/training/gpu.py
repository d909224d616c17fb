# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Checks trispike's training on a GPU against the equations on the CPU, then times it beside its peers, each in a process
of its own, in turns, and writes the table of scripts/bench gpu. A value is the median of the best turn; a ratio says how
many times better trispike is."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
from importlib.metadata import version

HERE = pathlib.Path(__file__).parent
RECIPE = HERE.parents[1] / "recipes/cifar10-resnet20.toml"
PEERS = [f"{framework}-{precision}" for framework in ("authors", "spikingjelly") for precision in
         ("fp32", "bf16", "fp16")]
PRECISIONS = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
# What is compared on both: every way through the kernels that recipes take. Small, since the CPU computes op by op.
PARITY = [["network.neuron=ternary"], ["network.neuron=trainable_ternary", "network.time_steps=4"],
          ["network.neuron=binary", "network.time_steps=3", "network.width=6"],
          ["network.preset=paper", "neuron.surrogate=atan", "neuron.reset=soft"]]


def command(words, accept=(0,), environment=None):
    """The JSON that a program prints, and its exit status."""
    result = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True,
                            env={**os.environ, **(environment or {})})
    if result.returncode not in accept:
        sys.exit(f"bench: {' '.join(str(word) for word in words)} ended with {result.returncode}")
    return json.loads(result.stdout), result.returncode


def parity(bench, device):
    """Rows of the comparison. Ends the program if float64 differs."""
    rows, wrong = [], 0
    for settings in PARITY:
        words = [bench, "parity", RECIPE, "--device", device, "--set", "network.width=16", "train.batch_size=8",
                 *settings]
        for flags in ([], ["--float32"]):
            row, status = command([*words, *flags], accept=(0, 1))
            wrong += status
            rows.append({"settings": settings, **row})
            print(f"parity {row['arithmetic']} {' '.join(settings)}: {row['differing_spikes']} of {row['spikes']} spikes "
                  f"differ, gradients by {row['largest_gradient_difference']:.2g} at most", flush=True)
    if wrong:
        sys.exit("bench: the GPU does not compute what the CPU does, see above; nothing is timed")
    return rows


def measure(options, who, time_steps):
    if who.startswith("trispike"):
        words = [options.bench, "step", RECIPE, "--device", "cuda", "--seconds", options.seconds, "--set",
                 f"train.batch_size={options.batch}", f"network.time_steps={time_steps}",
                 f"train.precision={PRECISIONS[who.rsplit('-', 1)[1]]}"]
    else:
        words = [sys.executable, HERE / "peer.py", "gpu", who, time_steps, options.batch, options.seconds]
    # SpikingJelly chooses its kernels by itself; Triton's, or an error, by this.
    answer, _ = command(words, environment={"SJ_LIF_CUDA_IMPLEMENTATION": "triton"})
    milliseconds = statistics.median(answer["milliseconds"])
    print(f"  T{time_steps} {who}: {milliseconds:.1f} ms, {answer['peak_device_mebibytes']:.0f} MiB on the GPU",
          file=sys.stderr, flush=True)
    return {"images_per_second": 1e3 * options.batch / milliseconds, "mebibytes": answer["peak_device_mebibytes"]}


def rows_of(options, time_steps):
    ours = [f"trispike-{precision}" for precision in options.precisions]
    seen = {}
    for _ in range(options.turns):
        for who in [*ours, *options.peers]:
            seen.setdefault(who, []).append(measure(options, who, time_steps))
    best = {who: max(turns, key=lambda turn: turn["images_per_second"]) for who, turns in seen.items()}
    rows = []
    for peer in options.peers:
        for own in ours:
            theirs, mine = best[peer], best[own]
            row = {"peer": peer, "trispike_precision": own.rsplit("-", 1)[1]}
            rows.append({"case": f"T{time_steps}", **row, "unit": "images/s",
                         "peer_value": round(theirs["images_per_second"], 1),
                         "trispike_value": round(mine["images_per_second"], 1),
                         "ratio": round(mine["images_per_second"] / theirs["images_per_second"], 3)})
            rows.append({"case": f"memory-T{time_steps}", **row, "unit": "MiB",
                         "peer_value": round(theirs["mebibytes"], 1), "trispike_value": round(mine["mebibytes"], 1),
                         "ratio": round(theirs["mebibytes"] / mine["mebibytes"], 3)})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda",
                        help="cpu: the check alone, of the CPU's own kernels")
    parser.add_argument("--time-steps", nargs="+", type=int, default=[2, 4])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS)
    parser.add_argument("--precisions", nargs="+", choices=list(PRECISIONS), default=list(PRECISIONS))
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--parity-only", action="store_true")
    options = parser.parse_args()
    compared = parity(options.bench, options.device)
    if options.parity_only or options.device == "cpu":
        return
    rows = [row for time_steps in options.time_steps for row in rows_of(options, time_steps)]
    result = {"gpu": compared[0]["device"], "versions": {name: version(name) for name in ("torch", "spikingjelly", "triton")},
              "network": "resnet20, width 64, 3x32x32", "batch": options.batch, "parity": compared, "rows": rows}
    with open(options.output + ".part", "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    os.replace(options.output + ".part", options.output)
    for r in rows:
        print(f"{r['case']:10} {r['peer']:18} {r['peer_value']:10.1f} {r['unit']:8}  trispike {r['trispike_precision']} "
              f"{r['trispike_value']:10.1f}  ratio {r['ratio']:6.2f}", flush=True)


if __name__ == "__main__":
    main()
