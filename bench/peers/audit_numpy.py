#!/usr/bin/env python3
"""Point estimates of a rollout log with pandas and numpy: a peer to measure Credence against, and a second opinion.

    audit_numpy.py LOG [--beta B] [--reward NAME] [--threads 2]

Reads JSON Lines, prints {id: value, ..., "prompts": {prompt: {id: value}}} in the ids of `credence audit --json`, and
the seconds for reading and for computing to standard error. Everything is float64 and in nats. Point estimates only: no
intervals, no gates (nothing is withdrawn because a gate would fail). null: there is no such figure in this log (no
--beta, a missing source, a constant reward, a collinear column). Infinities are the strings "inf" and "-inf".

The estimator, per prompt c with n0 records of the prior and n1 of the policy: q = (n0 pi0 + n1 pi)/(n0+n1), u = pi0/q,
v = pi/q; on the pooled records u and v are normalised to discrete distributions, and every figure is the formula for a
table on these vectors; the posterior at lambda is w ~ u e^(lambda r). Overall figures are the means over prompts at one
pooled lambda; a prompt's own figures are at its own lambda and do not add up to the overall ones.

Choices where the definition leaves room:
  khat      Zhang-Stephens with the 10-observation prior towards 1/2; tail of M = ceil(3 sqrt S), floor(S/5) for
            S <= 225; the threshold is the (M+1)-th largest weight, exceedances are strictly above it (ties with it,
            to 1e-10 of its size, are dropped); fewer than 5 exceedances give null. S counts every atom.
  slopes    sums over prompts carry the prompt weights; so do the rows of the nuisance regression.
  nuisance  columns enter in the order r, log pi0, tokens, r^2; a column of whose within-prompt variance the earlier
  self_consistent  sign changes of Cov - lambda Var are looked for in rings around lambda_mm that grow by half
            (first ring: 1 % of max(|lambda_mm|, 1/sd of r)); a pair of roots inside one ring goes unseen.
  lambda_mm rewards are counted from the end the policy moved to; "inf" also where 60 doublings do not bracket it;
            mirrored to "-inf" where the policy has only its prompts' smallest rewards; null where the reward is
            constant in every prompt it is fitted on (explained is then 0).
  beta = 0  the asked posterior is u on the prompt's largest recorded reward, over both sources; kl.policy_asked is
            "inf" unless the policy has only such records. entropy.asked is of that restricted prior.
  recall    a record counts as an atom of its own: equal texts are not merged.
  bayes_fraction  null below 1e-9 nats of KL (the gate no_update). KLs are not clipped: 0 may print as -1e-17.
  missing source  judged per prompt; an overall figure needs it in every prompt. Of a policy-only log kl.policy_prior
            is the plain mean (the same as .sampled).
  logp_policy = -inf on prior records: the KLs that need it are "inf", slopes and nuisances are null.
  prompt_weight  the prompt's first record speaks for it. A record of another source without logp_source is left out.
Logs with several steps, or with a split, are refused: they are more than one estimate.
"""

import argparse
import json
import math
import os
import sys
import time

ARGUMENTS = argparse.ArgumentParser(description="Point estimates of a rollout log with pandas and numpy.")
ARGUMENTS.add_argument("log", help="rollout log, JSON Lines")
ARGUMENTS.add_argument("--beta", type=float, help="KL coefficient that was asked for")
ARGUMENTS.add_argument("--reward", metavar="NAME", help="which reward, where a record has several")
ARGUMENTS.add_argument("--threads", type=int, default=2, help="threads of the linear algebra library")
OPTIONS = ARGUMENTS.parse_args()
for library in ("OMP", "OPENBLAS", "MKL"):  # read once, when numpy is loaded
    os.environ[library + "_NUM_THREADS"] = str(OPTIONS.threads)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

OF_POLICY_ONLY = {
    "reward.policy",
    "entropy.policy",
    "modes.policy",
    "kl.policy_prior",
    "kl.policy_prior.sampled",
    "copies.policy_slope",
}
OF_PRIOR_ONLY = {
    "reward.prior",
    "entropy.prior",
    "modes.prior",
    "ess.prior",
    "copies.prior_slope",
    "log_z",
    "kl.asked_prior",
    "reward.asked",
    "entropy.asked",
    "modes.asked",
}
SLOPES = ("prior_slope", "policy_slope", "mixture_slope")


def read(path, name=None):
    """The log as a frame: prompt, source, reward, logp_prior, logp_policy and what else it holds."""
    text = {"prompt": "str", "completion": "str", "source": "str"}
    # precise_float: the default parser is off in the last digits
    frame = pd.read_json(path, lines=True, dtype=text, precise_float=True)
    for field in ("step", "split"):
        if field in frame and frame[field].nunique() > 1:
            sys.exit(f"{path}: several values of '{field}': one estimate at a time")
    name = name.removeprefix("field:") if name else None
    if isinstance(frame["reward"].iloc[0], dict):
        names = sorted(frame["reward"].iloc[0])
        if name is None and len(names) > 1:
            sys.exit(f"{path}: several rewards {names}: choose one with --reward")
        name = name or names[0]
        frame["reward"] = [named[name] for named in frame["reward"]]
    elif name and name != "reward":
        frame["reward"] = frame[name]
    for field in ("reward", "logp_prior", "logp_policy"):
        frame[field] = pd.to_numeric(frame[field]).astype("float64")
    reward_ok = np.isfinite(frame["reward"])
    prior_ok = np.isfinite(frame["logp_prior"]) & (frame["logp_prior"] <= 0)
    policy_ok = (frame["logp_policy"] <= 0) & (np.isfinite(frame["logp_policy"]) | (frame["source"] == "prior"))
    bad = np.flatnonzero(~(reward_ok & prior_ok & policy_ok))
    if bad.size:
        sys.exit(f"{path}:{bad[0] + 1}: reward must be finite, log-probabilities finite and at most 0")
    return frame


class Atoms:
    """The records sorted by prompt, as one discrete distribution a prompt; sums within a prompt give (prompts)."""

    def __init__(self, frame):
        source = frame["source"].to_numpy()
        other = (source != "prior") & (source != "policy")
        log_source = frame["logp_source"].to_numpy(float) if "logp_source" in frame else np.full(len(frame), np.nan)
        frame = frame[~(other & np.isnan(log_source))]
        code, self.prompts = pd.factorize(frame["prompt"])
        order = np.argsort(code, kind="stable")
        frame, code = frame.iloc[order], code[order]
        self.start = np.searchsorted(code, np.arange(len(self.prompts)))
        self.size = np.diff(np.append(self.start, len(code)))

        source = frame["source"].to_numpy()
        self.of_policy = source == "policy"
        self.n_prior, self.n_policy = self.sum((source == "prior") * 1.0), self.sum(self.of_policy * 1.0)
        weight = (
            frame["prompt_weight"].to_numpy(float)[self.start] if "prompt_weight" in frame else np.ones(len(self.size))
        )
        self.weight = weight / weight.sum()
        self.reward = frame["reward"].to_numpy(float)
        self.log_prior, self.log_policy = frame["logp_prior"].to_numpy(float), frame["logp_policy"].to_numpy(float)
        self.ratio = self.log_policy - self.log_prior
        self.tokens = frame["tokens"].to_numpy(float) if "tokens" in frame else np.full(len(code), np.nan)
        self.r_max, self.r_min = (
            np.maximum.reduceat(self.reward, self.start),
            np.minimum.reduceat(self.reward, self.start),
        )

        log_n0, log_n1, log_n = np.log(self.n_prior), np.log(self.n_policy), np.log(self.n_prior + self.n_policy)
        log_q = np.logaddexp(
            self.spread(log_n0 - log_n) + self.log_prior, self.spread(log_n1 - log_n) + self.log_policy
        )
        other = (source != "prior") & ~self.of_policy
        if other.any():
            log_q[other] = frame["logp_source"].to_numpy(float)[other]
        self.log_u, _ = self.normalise(self.log_prior - log_q)
        self.log_v, _ = self.normalise(self.log_policy - log_q)
        self.u, self.v = np.exp(self.log_u), np.exp(self.log_v)

    def sum(self, x):
        return np.add.reduceat(x, self.start)

    def spread(self, y):
        """A number a prompt, given to each of its records."""
        return np.repeat(y, self.size)

    def normalise(self, log_weight):
        """Log-weights that sum to one in each prompt, and the logs of the sums."""
        top = np.maximum.reduceat(log_weight, self.start)
        total = top + np.log(self.sum(np.exp(log_weight - self.spread(top))))
        return log_weight - self.spread(total), total

    def tilt(self, lam):
        """The posterior u e^(lam r)/Z of each prompt: log-weights and log Z; at inf the prior on the largest reward."""
        top = np.where(lam >= 0, self.r_max, self.r_min)
        below = self.reward - self.spread(top)
        shift = np.where(below == 0, 0.0, self.spread(lam) * below)
        log_w, total = self.normalise(self.log_u + shift)
        return log_w, np.where(np.isinf(lam), np.inf, total + lam * top)

    def mean(self, p, x):
        return self.sum(p * x)

    def centred(self, p, x):
        x = x - self.spread(x[self.start])  # so that a constant has variance 0, not rounding
        return x - self.spread(self.sum(p * x))

    def kl(self, log_p, log_q):
        p = np.exp(log_p)
        return self.sum(np.where(p > 0, p * (log_p - log_q), 0.0))

    def slope_parts(self, p):
        """Cov(r, log-ratio) and Var(r) under p."""
        dr = self.centred(p, self.reward)
        return self.sum(p * dr * self.centred(p, self.ratio)), self.sum(p * dr * dr)


def root(f, low, high, scale):
    """Newton kept inside brackets, for a vector of equations at once; f gives values and slopes."""
    sign_low = np.sign(f(low)[0])
    x = (low + high) / 2
    for _ in range(200):
        value, slope = f(x)
        left = np.sign(value) == sign_low
        low, high = np.where(left, x, low), np.where(left, high, x)
        step = x - value / slope
        inside = (step >= np.minimum(low, high)) & (step <= np.maximum(low, high))
        following = np.where(value == 0, x, np.where(inside, step, (low + high) / 2))
        moved, x = np.abs(following - x), following
        if not np.any(moved > 1e-9 * (np.abs(x) + scale)):  # the last step was quadratic: 1e-18 is left
            return x
    return x


def moment_match(atoms, pool):
    """The lambda whose posterior has the policy's reward."""
    # rewards are counted from the end the policy moved to: near it E r would lose all its digits, 1 - E r does not
    up = pool(atoms.mean(atoms.v, atoms.reward)) > pool(atoms.mean(atoms.u, atoms.reward))
    reward = atoms.reward - atoms.spread(np.where(up, atoms.r_max, atoms.r_min))
    target = pool(atoms.mean(atoms.v, reward))

    def excess(lam):
        w = np.exp(atoms.tilt(np.broadcast_to(lam, atoms.size.shape))[0])
        mean = atoms.mean(w, reward)
        dr = reward - atoms.spread(mean)
        return pool(mean) - target, pool(atoms.sum(w * dr * dr))

    width = pool(atoms.r_max - atoms.r_min)
    scale = 1 / np.where(width > 0, width, np.inf)
    lam = np.zeros(target.shape)
    low, high, searching = lam, lam, width > 0
    below_top = pool(atoms.sum((atoms.v > 0) & (atoms.reward < atoms.spread(atoms.r_max))) * 1.0) > 0
    above_bottom = pool(atoms.sum((atoms.v > 0) & (atoms.reward > atoms.spread(atoms.r_min))) * 1.0) > 0
    infinite = np.where(below_top, np.where(above_bottom, 0.0, -np.inf), np.inf)
    searching &= infinite == 0
    step = np.where(up, scale, -scale)
    for _ in range(60):
        if not searching.any():
            break
        high = np.where(searching, step, high)
        searching = searching & ((excess(high)[0] < 0) == up)
        low, step = np.where(searching, high, low), np.where(searching, 2 * step, step)
    infinite = np.where(searching, np.where(up, np.inf, -np.inf), infinite)
    lam = np.where(infinite == 0, root(excess, low, high, scale), infinite)
    return np.where(width > 0, lam, np.nan)


def self_consistent(atoms, pool, lam_mm):
    """The root of lambda = Cov/Var under the posterior at lambda itself, nearest lam_mm."""

    def residual(lam):
        """Cov(r, e) under the posterior at lam, e = log-ratio - lam r, and its derivative by lam."""
        lam = np.broadcast_to(lam, atoms.size.shape)
        w = np.exp(atoms.tilt(lam)[0])
        dr = atoms.centred(w, atoms.reward)
        de = atoms.centred(w, atoms.ratio) - atoms.spread(lam) * dr
        return pool(atoms.sum(w * dr * de)), pool(atoms.sum(w * dr * dr * (de - 1)))

    at = np.where(np.isfinite(lam_mm), lam_mm, 0.0)
    finite = np.isfinite(lam_mm) & np.isfinite(residual(at)[0])
    scale = np.maximum(np.abs(at), 1 / np.sqrt(pool(atoms.slope_parts(atoms.u)[1])))
    scale = np.where(finite, scale, 1.0)
    here = np.sign(residual(at)[0])
    nearest = np.where(here == 0, at, np.nan)
    inner, outer = 0.0 * scale, 0.01 * scale
    for _ in range(40):
        open_ = finite & np.isnan(nearest)
        if not open_.any():
            break
        found = []
        for side in (1, -1):
            crossed = open_ & (np.sign(residual(at + side * outer)[0]) != here)
            if crossed.any():
                low, high = (at + side * np.where(crossed, d, 0.0) for d in (inner, outer))
                found.append(np.where(crossed, root(residual, low, high, scale), np.nan))
        for one in found:
            closer = np.isnan(nearest) | (np.abs(one - at) < np.abs(nearest - at))
            nearest = np.where(open_ & closer & ~np.isnan(one), one, nearest)
        inner, outer = outer, 1.5 * outer
    return np.where(finite, nearest, np.nan)


def pareto_k(log_weight):
    """Shape of the generalised Pareto law fitted to the largest weights (Zhang and Stephens 2009), as PSIS does."""
    size = len(log_weight)
    tail = math.ceil(3 * math.sqrt(size)) if size > 225 else size // 5
    if tail < 5:
        return np.nan
    largest = np.sort(np.partition(log_weight, size - tail - 1)[size - tail - 1 :])
    weight = np.exp(largest - largest[-1])
    x = (weight[1:] - weight[0])[largest[1:] > largest[0] + 1e-10]  # equal but for rounding is equal
    n = len(x)
    if n < 5:
        return np.nan
    grid = 30 + math.isqrt(n)
    quartile = x[int(n / 4 + 0.5) - 1]
    theta = 1 / x[-1] + (1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3 * quartile)
    k = np.log1p(-theta[:, None] * x).mean(axis=1)
    likelihood = n * (np.log(-theta / k) - k - 1)
    posterior = np.exp(likelihood - likelihood.max())
    mean_theta = (theta * posterior).sum() / posterior.sum()
    return (n * np.log1p(-mean_theta * x).mean() + 10 * 0.5) / (n + 10)


def regress(gram, cross):
    """Coefficients from sums of squares and products of centred columns; NaN for a collinear column."""
    kept = []
    for j in range(len(cross)):
        if not gram[j, j] > 0:
            continue
        left = gram[j, j]
        if kept:
            left -= gram[j, kept] @ np.linalg.solve(gram[np.ix_(kept, kept)], gram[kept, j])
        if left > 1e-10 * gram[j, j]:
            kept.append(j)
    coefficients = np.full(len(cross), np.nan)
    if kept:
        deviation = np.sqrt(np.diag(gram)[kept])
        correlation = gram[np.ix_(kept, kept)] / np.outer(deviation, deviation)
        coefficients[kept] = np.linalg.solve(correlation, cross[kept] / deviation) / deviation
    return coefficients


class Pool:
    """Gathers figures of prompts: into one number over all prompts, or one number for each."""

    def __init__(self, weight=None):
        self.weight = weight

    def __call__(self, x):
        """Weighted mean over the first axis."""
        return x if self.weight is None else np.tensordot(self.weight, x, 1)[None]

    def worst(self, x, of):
        return x if self.weight is None else of(x)[None]


def by_prompt(atoms, beta):
    """What needs no fitted lambda: a dictionary of figures and moments, each (prompts)."""
    u, v, r = atoms.u, atoms.v, atoms.reward
    m = {
        "kl.policy_prior": atoms.kl(atoms.log_v, atoms.log_u),
        "kl.prior_policy": atoms.kl(atoms.log_u, atoms.log_v),
        "kl.policy_prior.sampled": atoms.sum(np.where(atoms.of_policy, atoms.ratio, 0.0))
        / np.maximum(atoms.n_policy, 1),
        "reward.prior": atoms.mean(u, r),
        "reward.policy": atoms.mean(v, r),
        "entropy.prior": -atoms.mean(u, atoms.log_prior),
        "entropy.policy": -atoms.sum(np.where(v > 0, v * np.where(v > 0, atoms.log_policy, 0.0), 0.0)),
        "ess.prior": 1 / atoms.sum(u * u),
    }
    m["kl.policy_prior"] = np.where(atoms.n_prior > 0, m["kl.policy_prior"], m["kl.policy_prior.sampled"])
    mixture = (u + v) / 2
    for name, p in zip(SLOPES, (u, v, mixture)):
        m["cov." + name], m["var." + name] = atoms.slope_parts(p)
    # tokens missing: a column of zeros, which the regression leaves out
    tokens = np.zeros(len(r)) if np.isnan(atoms.tokens).any() else atoms.tokens
    columns = [atoms.centred(mixture, x) for x in (r, atoms.log_prior, tokens, r * r)]
    response = atoms.centred(mixture, atoms.ratio)
    m["gram"] = np.stack([np.stack([atoms.sum(mixture * a * b) for b in columns], -1) for a in columns], -1)
    m["cross"] = np.stack([atoms.sum(mixture * a * response) for a in columns], -1)
    if beta is not None:
        lam = np.full(len(atoms.size), 1 / beta if beta > 0 else np.inf)
        log_w, log_z = atoms.tilt(lam)
        w = np.exp(log_w)
        m["log_z"] = log_z
        m["kl.asked_prior"] = atoms.kl(log_w, atoms.log_u)
        m["kl.policy_asked"] = atoms.kl(atoms.log_v, log_w)
        m["kl.asked_policy"] = atoms.kl(log_w, atoms.log_v)
        m["reward.asked"] = atoms.mean(w, r)
        # log pi0 + r/beta - log Z of the CLI's formula, in a form that holds at beta = 0 too
        m["entropy.asked"] = -atoms.sum(
            np.where(w > 0, w * (atoms.log_prior + np.where(w > 0, log_w - atoms.log_u, 0.0)), 0.0)
        )
        m["recall"] = atoms.sum(np.where(atoms.v >= w / 2, w, 0.0))
        m["gap.objective"] = beta * m["kl.policy_asked"] if beta > 0 else atoms.mean(v, atoms.spread(atoms.r_max) - r)
        m["ess.asked"] = 1 / atoms.sum(w * w)
        m["khat.asked"] = khat(atoms, log_w)
    return m


def khat(atoms, log_w):
    return np.array([pareto_k(one) for one in np.split(log_w, atoms.start[1:])])


def findings(atoms, m, pool):
    """All figures, overall or per prompt as the pool says: id -> array."""
    f = {}
    asked = "log_z" in m
    lam = moment_match(atoms, pool)
    log_w, _ = atoms.tilt(np.broadcast_to(np.nan_to_num(lam, nan=0.0, posinf=np.inf, neginf=-np.inf), atoms.size.shape))
    w = np.exp(log_w)
    mean_ids = [
        "log_z",
        "kl.policy_prior",
        "kl.prior_policy",
        "kl.policy_prior.sampled",
        "kl.asked_prior",
        "kl.policy_asked",
        "kl.asked_policy",
        "reward.prior",
        "reward.policy",
        "reward.asked",
        "entropy.prior",
        "entropy.policy",
        "entropy.asked",
        "recall",
        "gap.objective",
    ]
    missing = np.full(lam.shape, np.nan)
    for name in mean_ids:
        f[name] = pool(m[name]) if name in m else missing
    f["kl.explained"] = pool(atoms.kl(log_w, atoms.log_u))
    f["kl.departure"] = pool(atoms.kl(atoms.log_v, log_w))
    f["bayes_fraction"] = np.where(f["kl.policy_prior"] < 1e-9, np.nan, f["kl.explained"] / f["kl.policy_prior"])
    f["copies.moment_match"] = lam
    f["copies.self_consistent"] = self_consistent(atoms, pool, lam)
    for name in SLOPES:
        f["copies." + name] = pool(m["cov." + name]) / pool(m["var." + name])
    f["copies.per_sigma"] = lam * np.sqrt(pool(m["var.prior_slope"]))
    for name in ("prior", "policy", "asked"):
        f["modes." + name] = np.exp(f["entropy." + name])
    coefficients = np.array([regress(g, c) for g, c in zip(pool(m["gram"]), pool(m["cross"]))])
    for j, name in enumerate(("log_prior", "length", "reward_squared"), 1):
        f["nuisance." + name] = coefficients[:, j]
    f["ess.prior"] = pool.worst(m["ess.prior"], np.min)
    f["ess.mm"] = pool.worst(1 / atoms.sum(w * w), np.min)
    f["ess.asked"] = pool.worst(m["ess.asked"], np.min) if asked else missing
    f["khat.mm"] = pool.worst(khat(atoms, log_w), np.max)
    f["khat.asked"] = pool.worst(m["khat.asked"], np.max) if asked else missing
    without_prior = pool.worst(atoms.n_prior == 0, np.any)
    without_policy = pool.worst(atoms.n_policy == 0, np.any)
    for name in f:
        hidden = (without_prior & (name not in OF_POLICY_ONLY)) | (without_policy & (name not in OF_PRIOR_ONLY))
        f[name] = np.where(hidden, np.nan, f[name])
    return f


def printable(x):
    x = float(x)
    if math.isnan(x):
        return None
    return x + 0.0 if math.isfinite(x) else ("inf" if x > 0 else "-inf")


def audit(frame, beta=None):
    with np.errstate(divide="ignore", invalid="ignore"):  # log 0 is meant; NaN is a figure that is not there
        atoms = Atoms(frame)
        m = by_prompt(atoms, beta)
        overall, own = findings(atoms, m, Pool(atoms.weight)), findings(atoms, m, Pool())
    result = {name: printable(x[0]) for name, x in overall.items()}
    result["prompts"] = {p: {name: printable(x[c]) for name, x in own.items()} for c, p in enumerate(atoms.prompts)}
    return result


def main():
    if OPTIONS.beta is not None and not OPTIONS.beta >= 0:
        sys.exit(f"--beta {OPTIONS.beta}: must be at least 0")
    began = time.perf_counter()
    frame = read(OPTIONS.log, OPTIONS.reward)
    read_at = time.perf_counter()
    result = audit(frame, OPTIONS.beta)
    done = time.perf_counter()
    json.dump(result, sys.stdout, indent=1, allow_nan=False)
    print()
    print(f"{len(frame)} records: read {read_at - began:.3f} s, compute {done - read_at:.3f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
