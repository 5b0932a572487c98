#!/usr/bin/env python3
"""log Z of tilts by pymbar, held against `credence audit` of the same log.

    tilts.py [--credence ../../credence] [--world levels|normal] [--seed 1] [--log FILE] [--tolerance 1e-6]

Draws a log of one prompt from a prior, a policy and two tilts prior * e^(lambda r)/Z of a small world whose log Z are
known, lets `credence audit --beta 1/lambda` and pymbar's MBAR solve for the Z, and compares at every tilt. Without
--world it does so for both worlds. Ends with 1 where the two differ by more than the tolerance, in nats.

States. MBAR leaves the normalisation of every state open but for one constant. Here prior and policy are both
normalised, which is more than that: as two states their ratio would be estimated once more. So pymbar gets one state for
the draws of the two, whose density is their mixture, (n0 pi0 + n1 pi)/(n0 + n1); the tilts are further states with reduced
potential -(log pi0 + lambda r). Its equations are then those of the audit: the sum over all draws of
n_k pi_k(x)/sum_s n_s pi_s(x) is n_k for every tilt, and that of the mixture follows from them.
The audit has no figure for the Z of a tilt. log_z at beta = 1/lambda is the mean of e^(lambda r) pi0/q over the records, which
is the equation that defines Z, over the mean of pi0/q: weights are normalised. So the prior is one more state, without
draws, and log Z is the difference of free energies between it and the tilt.

Errors: pymbar's is the asymptotic one of n draws of the mixture; the audit's (the lower half width over 1.96: the upper
end may have room for what no record shows) knows how many of them came from the prior and how many from the policy, and
is smaller. Both are printed, and not compared.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from pymbar import MBAR

LAMBDAS = (2.0, 4.0)
DRAWS = {"prior": 600, "policy": 200, 2.0: 500, 4.0: 400}
BASE = 30.0  # nats that every text costs besides: a log-probability is at most 0
Z95 = 1.959963984540054


class Levels:
    """Sixty texts, rewards of five levels; the policy is a tilt by 3 with noise."""

    def __init__(self, random):
        n = 60
        self.reward = random.integers(0, 5, n) / 4.0
        self.prior = self.normalised(random.normal(size=n))
        self.policy = self.normalised(self.prior + 3 * self.reward + 0.4 * random.normal(size=n))

    @staticmethod
    def normalised(logs):
        return logs - np.logaddexp.reduce(logs)

    def draw(self, source, n, random):
        logs = {"prior": self.prior, "policy": self.policy}.get(source)
        if logs is None:
            logs = self.normalised(self.prior + source * self.reward)
        chosen = random.choice(len(logs), size=n, p=np.exp(logs))
        texts = [f"text {i}" for i in chosen]
        return texts, self.reward[chosen], self.prior[chosen], self.policy[chosen]

    def log_z(self, tilt):
        return float(np.logaddexp.reduce(self.prior + tilt * self.reward))


class Normal:
    """Rewards normal with a standard deviation of 1/2, each text its own; the policy's mean is 1, its deviation 0.6."""

    def draw(self, source, n, random):
        means = {"prior": (0, 0.5), "policy": (1, 0.6)} | {tilt: (0.25 * tilt, 0.5) for tilt in LAMBDAS}
        reward = random.normal(*means[source], n)
        texts = [f"text {source} {i}" for i in range(n)]
        return texts, reward, self.density(reward, 0, 0.5), self.density(reward, 1, 0.6)

    @staticmethod
    def density(reward, mean, deviation):
        return -((reward - mean) ** 2) / (2 * deviation**2) - np.log(deviation * np.sqrt(2 * np.pi)) - BASE

    def log_z(self, tilt):
        return tilt**2 * 0.25 / 2


def drawn(world, random):
    """Columns of the log, and its records."""
    columns = {"source": [], "reward": [], "prior": [], "policy": []}
    records = []
    for source, n in DRAWS.items():
        texts, reward, prior, policy = world.draw(source, n, random)
        for text, r, p, q in zip(texts, reward, prior, policy):
            record = {
                "prompt": "a known world",
                "completion": text,
                "reward": float(r),
                "logp_prior": float(p),
                "logp_policy": float(q),
                "source": source if isinstance(source, str) else "tilt",
            }
            if not isinstance(source, str):
                record["lambda"] = source
            records.append(record)
        columns["reward"].append(reward)
        columns["prior"].append(prior)
        columns["policy"].append(policy)
    return {name: np.concatenate(parts) for name, parts in columns.items() if parts}, records


def by_pymbar(columns):
    """{lambda: (log Z, its standard error)}"""
    both = DRAWS["prior"] + DRAWS["policy"]
    mixture = np.logaddexp(
        np.log(DRAWS["prior"] / both) + columns["prior"], np.log(DRAWS["policy"] / both) + columns["policy"]
    )
    tilts = [columns["prior"] + tilt * columns["reward"] for tilt in LAMBDAS]
    mbar = MBAR(
        -np.array([columns["prior"], mixture, *tilts]),
        np.array([0, both] + [DRAWS[tilt] for tilt in LAMBDAS]),
        relative_tolerance=1e-12,
        solver_protocol="robust",
    )
    found = mbar.compute_free_energy_differences()
    return {
        tilt: (-float(found["Delta_f"][0, k + 2]), float(found["dDelta_f"][0, k + 2])) for k, tilt in enumerate(LAMBDAS)
    }


def by_credence(command, log, tilt):
    """(log Z, standard error) of the audit at beta = 1/lambda."""
    run = subprocess.run(
        [command, "audit", str(log), "--beta", repr(1 / tilt), "--json"], capture_output=True, text=True, check=False
    )
    if not run.stdout.strip():
        sys.exit(run.stderr)
    document = json.loads(run.stdout)
    findings = document["findings"] if "findings" in document else document["steps"][0]["findings"]
    found = findings["log_z"]
    return found["estimate"], (found["estimate"] - found["lower"]) / Z95


def compare(name, world, options, folder):
    random = np.random.default_rng(options.seed)
    world = world(random) if name == "levels" else world()
    columns, records = drawn(world, random)
    log = pathlib.Path(options.log or os.path.join(folder, f"{name}.jsonl"))
    log.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    solved = by_pymbar(columns)
    worst = 0.0
    for tilt in LAMBDAS:
        theirs, their_error = solved[tilt]
        ours, our_error = by_credence(options.credence, log, tilt)
        worst = max(worst, abs(ours - theirs))
        print(
            f"{name}  lambda {tilt:g}  true {world.log_z(tilt):.6f}  pymbar {theirs:.9f} +- {their_error:.4f}"
            f"  credence {ours:.9f} +- {our_error:.4f}  apart {ours - theirs:+.1e}"
        )
    return worst


def main():
    arguments = argparse.ArgumentParser(description="log Z of tilts by pymbar, against credence audit.")
    here = pathlib.Path(__file__).resolve().parent
    arguments.add_argument("--credence", default=str(here.parent.parent / "credence"), help="the command line")
    arguments.add_argument("--world", choices=("levels", "normal"), help="one of the two worlds")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--log", help="where the log is written, with --world; else it is deleted")
    arguments.add_argument("--tolerance", type=float, default=1e-6, help="nats")
    options = arguments.parse_args()
    if options.log and not options.world:
        arguments.error("--log names one file: choose a --world")
    worlds = {"levels": Levels, "normal": Normal}
    with tempfile.TemporaryDirectory() as folder:
        worst = max(
            compare(name, world, options, folder)
            for name, world in worlds.items()
            if options.world in (None, name)
        )
    if not worst <= options.tolerance:
        sys.exit(f"they are {worst:.1e} nats apart; at most {options.tolerance:g} was allowed")


if __name__ == "__main__":
    main()
