package dev.credence.bench.limits;

import dev.credence.core.probability.Distribution;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Where a method ends on a table, by a formula (docs/theory.md#methods-and-their-limits), apart from what the methods themselves say. */
@FunctionalInterface
interface ClosedForm {
    /** {@return (prompts) (texts) probabilities} */
    double[][] of(LimitTable table);

    /** Of one prompt at a time. */
    @FunctionalInterface
    interface OfPrompt {
        /**
         * One prompt's limit.
         *
         * @param log (texts) log-probabilities of the prior, nats
         * @param r (texts) rewards
         * @param beta KL coefficient
         * @return (texts) probabilities
         */
        double[] of(double[] log, double[] r, double beta);
    }

    /** Of each prompt by itself. */
    static ClosedForm each(OfPrompt form) {
        return table -> {
            List<String> prompts = table.prior().prompts();
            double[][] all = new double[prompts.size()][];
            Arrays.setAll(
                    all,
                    c -> form.of(
                            table.prior().given(prompts.get(c)).logProbabilities(),
                            table.given(prompts.get(c)),
                            table.beta()));
            return all;
        };
    }

    /** So many copies of the reward for each 1/β. */
    static ClosedForm copies(double times) {
        return each((log, r, beta) -> tilt(log, r, times / beta));
    }

    /** The prior on its largest rewards. */
    static ClosedForm best() {
        return each((log, r, beta) -> tilt(log, r, Double.POSITIVE_INFINITY));
    }

    /** What an evidence's log-likelihood, nats, makes of the prior. */
    static double[] posterior(double[] log, double[] evidence) {
        double[] sum = new double[log.length];
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < sum.length; i++) {
            sum[i] = log[i] == Double.NEGATIVE_INFINITY ? log[i] : log[i] + evidence[i];
            most = Math.max(most, sum[i]);
        }
        double[] mass = new double[sum.length];
        for (int i = 0; i < mass.length; i++) {
            mass[i] = Math.exp(sum[i] - most);
        }
        return shares(mass);
    }

    private static double[] shares(double[] mass) {
        double total = Arrays.stream(mass).sum();
        return Arrays.stream(mass).map(m -> m / total).toArray();
    }

    private static double top(double[] log, double[] r) {
        double top = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < r.length; i++) {
            top = log[i] > Double.NEGATIVE_INFINITY ? Math.max(top, r[i]) : top;
        }
        return top;
    }

    private static double range(double[] log, double[] r) {
        return top(log, r) + top(log, Arrays.stream(r).map(x -> -x).toArray());
    }

    /** π0 e^{λr}; λ = ∞ leaves the largest rewards. */
    static double[] tilt(double[] log, double[] r, double lambda) {
        double top = top(log, r);
        double[] evidence = new double[r.length];
        Arrays.setAll(evidence, i -> r[i] == top ? 0 : lambda * (r[i] - top));
        return posterior(log, evidence);
    }

    /** β π0/(Λ − r), k3 in the loss. */
    static double[] rational(double[] log, double[] r, double beta) {
        double gap = bisected(g -> 1 - beta / coefficient(log, r, g), 1e-300, beta);
        return ratio(log, r, gap);
    }

    /** π0/(g + r_max − r), normalised. */
    private static double[] ratio(double[] log, double[] r, double gap) {
        double top = top(log, r);
        double[] evidence = new double[r.length];
        Arrays.setAll(evidence, i -> log[i] == Double.NEGATIVE_INFINITY ? 0 : -Math.log(gap + (top - r[i])));
        return posterior(log, evidence);
    }

    /** The b with Σ b π0/(g + r_max − r) = 1. */
    private static double coefficient(double[] log, double[] r, double gap) {
        double top = top(log, r);
        double sum = 0;
        for (int i = 0; i < r.length; i++) {
            sum += log[i] == Double.NEGATIVE_INFINITY ? 0 : Math.exp(log[i]) / (gap + (top - r[i]));
        }
        return 1 / sum;
    }

    /** λ = 1/(β s) at its own deviation s, the first from the prior on; the best where there is none. */
    static double[] standardised(double[] log, double[] r, double beta) {
        double range = range(log, r);
        if (range == 0) {
            return posterior(log, new double[r.length]);
        }
        double lambda =
                first(l -> beta * l * deviation(tilt(log, r, l), r) - 1, 1 / (beta * range), 2000 / leastStep(log, r));
        return tilt(log, r, lambda);
    }

    /** The same for k3: the coefficient b is β s, the first from the prior on. */
    static double[] standardisedRational(double[] log, double[] r, double beta) {
        double range = range(log, r);
        if (range == 0) {
            return posterior(log, new double[r.length]);
        }
        double inverse = first(
                x -> beta * deviation(ratio(log, r, 1 / x), r) / coefficient(log, r, 1 / x) - 1,
                1 / (2 * beta * range),
                1e40 / range);
        return ratio(log, r, 1 / inverse);
    }

    /** How far the largest reward is above the next. */
    private static double leastStep(double[] log, double[] r) {
        double top = top(log, r);
        double next = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < r.length; i++) {
            next = log[i] > Double.NEGATIVE_INFINITY && r[i] < top ? Math.max(next, r[i]) : next;
        }
        return top - next;
    }

    private static double deviation(double[] p, double[] r) {
        double mean = mean(p, r);
        double variance = 0;
        for (int i = 0; i < r.length; i++) {
            variance += p[i] * (r[i] - mean) * (r[i] - mean);
        }
        return Math.sqrt(variance);
    }

    private static double mean(double[] p, double[] r) {
        double mean = 0;
        for (int i = 0; i < r.length; i++) {
            mean += p[i] * r[i];
        }
        return mean;
    }

    /** The first root of a function that begins below 0, going up by hundredths; where it nearly touches 0, by small steps. */
    private static double first(DoubleUnaryOperator f, double from, double to) {
        double step = 1.01;
        double before = f.applyAsDouble(from);
        double last = before;
        for (double x = from * step; x < to * step; x *= step) {
            double here = f.applyAsDouble(x);
            boolean hump = last > before && last >= here && last > -.01;
            for (double y = x / step / step; hump && y < x; y *= 1.0001) {
                if (f.applyAsDouble(y) >= 0) {
                    return bisected(f, y / 1.0001, y);
                }
            }
            if (here >= 0) {
                return bisected(f, x / step, x);
            }
            before = last;
            last = here;
        }
        return Double.POSITIVE_INFINITY;
    }

    /** Where a function that grows through 0 between two positive places does so, halving their ratio. */
    private static double bisected(DoubleUnaryOperator f, double from, double to) {
        double low = from;
        double high = to;
        for (int k = 0; k < 200; k++) {
            double middle = Math.exp((Math.log(low) + Math.log(high)) / 2);
            if (f.applyAsDouble(middle) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** π0^{β/(α+β)} e^{r/(α+β)}. */
    static double[] flattened(double[] log, double[] r, double beta, double alpha) {
        double[] evidence = new double[r.length];
        double top = top(log, r);
        Arrays.setAll(
                evidence, i -> log[i] == Double.NEGATIVE_INFINITY ? 0 : (r[i] - top - alpha * log[i]) / (alpha + beta));
        return posterior(log, evidence);
    }

    /** As many copies, one number for all prompts, as cost so many nats; the best where all copies cost less. */
    static ClosedForm atKl(double nats) {
        return table -> {
            DoubleUnaryOperator off = lambda -> cost(table, lambda) - nats;
            double lambda = off.applyAsDouble(1e12) < 0 ? Double.POSITIVE_INFINITY : bisected(off, 1e-12, 1e12);
            return each((log, r, beta) -> tilt(log, r, lambda)).of(table);
        };
    }

    private static double cost(LimitTable table, double lambda) {
        double cost = 0;
        for (String prompt : table.prior().prompts()) {
            Distribution prior = table.prior().given(prompt);
            double[] p = tilt(prior.logProbabilities(), table.given(prompt), lambda);
            for (int i = 0; i < p.length; i++) {
                cost += p[i] > 0 ? table.prior().weight(prompt) * p[i] * (Math.log(p[i]) - prior.logProbability(i)) : 0;
            }
        }
        return cost;
    }

    /** e^{w/β} with w how often a text is preferred to one of the prior: IPO. */
    static double[] winRate(double[] log, double[] r, double beta) {
        double[] evidence = new double[r.length];
        for (int i = 0; i < r.length; i++) {
            for (int j = 0; j < r.length; j++) {
                evidence[i] += Math.exp(log[j]) / (1 + Math.exp(r[j] - r[i])) / beta;
            }
        }
        return posterior(log, evidence);
    }

    /** One of two draws, with odds e^{λr}. */
    static double[] ofTwo(double[] log, double[] r, double lambda) {
        double[] p = new double[r.length];
        for (int i = 0; i < r.length; i++) {
            for (int j = 0; j < r.length; j++) {
                p[i] += 2 * Math.exp(log[i] + log[j]) / (1 + Math.exp(lambda * (r[j] - r[i])));
            }
        }
        return p;
    }

    /** A level between shares F₋ and F from below gets so much of it, in the prior's ratios. */
    private static double[] byLevel(double[] mass, double[] r, DoubleUnaryOperator upTo) {
        Integer[] order = IntStream.range(0, r.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, (i, j) -> Double.compare(r[i], r[j]));
        double[] p = new double[r.length];
        double above = 1; // share at this level or better, summed from the worst up
        double total = Arrays.stream(mass).sum();
        double below = 0;
        for (int from = 0; from < order.length; ) {
            int to = from;
            double level = 0;
            while (to < order.length && r[order[to]] == r[order[from]]) {
                level += mass[order[to++]] / total;
            }
            double better = to == order.length ? 0 : 1 - below - level;
            double taken = upTo.applyAsDouble(above) - upTo.applyAsDouble(better);
            for (int k = from; k < to; k++) {
                p[order[k]] = level > 0 ? taken * mass[order[k]] / total / level : 0;
            }
            below += level;
            above = better;
            from = to;
        }
        return shares(p);
    }

    /** The best of n draws. */
    static double[] bestOf(double[] log, double[] r, int n) {
        double[] mass = Arrays.stream(log).map(Math::exp).toArray();
        return byLevel(mass, r, better -> 1 - Math.pow(1 - Math.min(1, better), n));
    }

    /** The best share. */
    static double[] bestShare(double[] log, double[] r, double share) {
        return bestShareOf(Arrays.stream(log).map(Math::exp).toArray(), r, share);
    }

    private static double[] bestShareOf(double[] mass, double[] r, double share) {
        return byLevel(mass, r, better -> Math.min(Math.max(0, better), share));
    }

    /** Rounds of weights e^{(r − mean r)/β} of at most so much. */
    static double[] capped(double[] log, double[] r, double beta, double cap, int rounds) {
        double[] now = log;
        double[] p = {};
        for (int k = 0; k < rounds; k++) {
            double[] before = now;
            double mean = mean(Arrays.stream(before).map(Math::exp).toArray(), r);
            double[] evidence = new double[r.length];
            Arrays.setAll(evidence, i -> Math.min((r[i] - mean) / beta, Math.log(cap)));
            p = posterior(before, evidence);
            now = Arrays.stream(p).map(Math::log).toArray();
        }
        return p;
    }

    /** Quark: the best of K quantiles of a pool of the prior and all policies before, mixed with the prior. */
    static double[] quark(double[] log, double[] r, int quantiles, int rounds, double penalty) {
        double[] prior = shares(Arrays.stream(log).map(Math::exp).toArray());
        double[] pool = prior.clone();
        double[] policy = prior;
        for (int k = 0; k < rounds; k++) {
            double[] best = bestShareOf(pool, r, 1.0 / quantiles);
            policy = new double[r.length];
            for (int i = 0; i < r.length; i++) {
                policy[i] = (best[i] + penalty * prior[i]) / (1 + penalty);
                pool[i] += policy[i];
            }
        }
        return policy;
    }

    /** s π0/(1 − (1 − s) a/ā), a = e^{(r − r_max)/β}. */
    static double[] mixed(double[] log, double[] r, double beta, double share) {
        double top = top(log, r);
        double rest = 1 - share;
        DoubleUnaryOperator off = d -> {
            double sum = 0;
            for (int i = 0; i < r.length; i++) {
                double short0 = -Math.expm1((r[i] - top) / beta); // 1 − a
                sum += log[i] == Double.NEGATIVE_INFINITY
                        ? 0
                        : share * Math.exp(log[i]) * (d + rest) / (d + rest * short0);
            }
            return 1 - sum;
        };
        double d = bisected(off, 1e-300, share); // ā − (1 − s)
        double[] evidence = new double[r.length];
        Arrays.setAll(
                evidence,
                i -> log[i] == Double.NEGATIVE_INFINITY ? 0 : -Math.log(d - rest * Math.expm1((r[i] - top) / beta)));
        return posterior(log, evidence);
    }

    /** The prior on texts whose reward is in a range. */
    static double[] within(double[] log, double[] r, double least, double most) {
        double[] evidence = new double[r.length];
        Arrays.setAll(evidence, i -> r[i] >= least && r[i] <= most ? 0 : Double.NEGATIVE_INFINITY);
        return posterior(log, evidence);
    }

    /** The tilt of either sign that has a mean reward. */
    static double[] atMean(double[] log, double[] r, double mean) {
        double[] prior = posterior(log, new double[r.length]);
        int sign = mean >= mean(prior, r) ? 1 : -1;
        double lambda = bisected(l -> sign * (mean(tilted(log, r, sign * l), r) - mean), 1e-12, 1e12);
        return tilted(log, r, sign * lambda);
    }

    private static double[] tilted(double[] log, double[] r, double lambda) {
        return lambda >= 0
                ? tilt(log, r, lambda)
                : tilt(log, Arrays.stream(r).map(x -> -x).toArray(), -lambda);
    }
}
