package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.hipparchus.distribution.discrete.BinomialDistribution;

/**
 * A model of modes that is tuned on samples of itself, generation by generation: Wright and Fisher's drift. Each generation is the
 * shares among N draws, of which a share is real and the rest the model's own (docs/theory.md#diversity).
 *
 * @param prior (modes) the first model and the real data, adding up to 1
 * @param samples N of a generation
 * @param real share of real data, α
 */
@SuppressWarnings("ArrayRecordComponent")
record SelfTraining(double[] prior, int samples, double real) {
    private static final double SETTLED = 1e-4; // of the spread's way to its limit
    private static final long MOST_GENERATIONS = 20_000_000; // of all repeats
    private static final int DRAWN = 20; // places of the simulated histories that are drawn
    private static final int FEW = 256; // draws that are counted one by one

    /** {@return 1 − Σπ² of the prior: the probability that two texts are of different modes} */
    double start() {
        return 1 - Arrays.stream(prior).map(p -> p * p).sum();
    }

    /** Mean 1 − Σπ² after so many generations on its own samples alone: H0 (1 − 1/N)^t. */
    double alone(double generations) {
        return start() * Math.pow(1 - 1.0 / samples, generations);
    }

    /** What of the spread of a mode is handed on: (1 − α)² (1 − 1/N). */
    private double handedOn() {
        return (1 - real) * (1 - real) * (1 - 1.0 / samples);
    }

    /** Variance of a mode's share after so many generations with real data: v ← p(1 − p)/N + (1 − α)² (1 − 1/N) v. */
    double variance(double p, double generations) {
        return p * (1 - p) / samples / (1 - handedOn()) * (1 - Math.pow(handedOn(), generations));
    }

    /** Its limit. */
    double variance(double p) {
        return variance(p, Double.POSITIVE_INFINITY);
    }

    /** Mean 1 − Σπ² with real data. */
    double mixed(double generations) {
        return start() - Arrays.stream(prior).map(p -> variance(p, generations)).sum();
    }

    /** Generations until spreads have settled. */
    double settling() {
        return handedOn() == 0 ? 1 : Math.ceil(Math.log(SETTLED) / Math.log(handedOn()));
    }

    /** The figures of drift and of its cure. */
    static void report(ExperimentSettings settings, ExperimentResult.Builder result, Listener listener) {
        settings.requireShares("prior");
        double[] prior = settings.numbers("prior");
        int mode = settings.count("mode");
        if (mode > prior.length) {
            throw InputException.ofSetting(
                    "mode", settings.text("mode"), "there are " + prior.length + " modes in the prior");
        }
        SelfTraining drift = new SelfTraining(prior, settings.count("samples"), settings.number("real"));
        new Report(drift, settings, mode - 1, result).write(listener);
    }

    /** One report. */
    private static final class Report {
        private final SelfTraining drift;
        private final ExperimentSettings settings;
        private final int mode;
        private final ExperimentResult.Builder result;
        private final int[] generations; // as they were written
        private final int last;
        private final int repeats;
        private final int[] looks; // generations at which histories are looked at, ascending
        private final double[][] alone; // (looks) (repeats)
        private final double[][] mixed;

        Report(SelfTraining drift, ExperimentSettings settings, int mode, ExperimentResult.Builder result) {
            this.drift = drift;
            this.settings = settings;
            this.mode = mode;
            this.result = result;
            this.generations = settings.counts("generations");
            this.last = Arrays.stream(generations).max().orElse(0);
            this.repeats = settings.count("repeats");
            this.looks = IntStream.concat(
                            Arrays.stream(generations),
                            IntStream.rangeClosed(0, DRAWN).map(k -> (int) ((long) last * k / DRAWN)))
                    .sorted()
                    .distinct()
                    .toArray();
            this.alone = new double[looks.length][repeats];
            this.mixed = new double[looks.length][repeats];
            if ((long) last * repeats > MOST_GENERATIONS) {
                throw InputException.ofSetting(
                        "generations",
                        settings.text("generations"),
                        "times the " + repeats + " repeats it must be at most " + MOST_GENERATIONS);
            }
        }

        void write(Listener listener) {
            double settling = drift.settling();
            boolean settles = settling * repeats <= MOST_GENERATIONS;
            double[] square = simulate(settles ? (int) Math.max(last, settling) : last);
            listener.accept(repeats + " histories of self-training are simulated");
            double[] exactAlone = new double[generations.length];
            double[] exactMixed = new double[generations.length];
            DataTable.Builder table = DataTable.of(
                    "Diversity 1 − Σπ² under self-training",
                    "generation",
                    "own samples",
                    "simulated",
                    "from",
                    "to",
                    "with real data",
                    "simulated so",
                    "from ",
                    "to ");
            List<String> written = settings.texts("generations");
            for (int i = 0; i < generations.length; i++) {
                exactAlone[i] = drift.alone(generations[i]);
                exactMixed[i] = drift.mixed(generations[i]);
                int look = Arrays.binarySearch(looks, generations[i]);
                SeedInterval a = share(alone[look]);
                SeedInterval m = share(mixed[look]);
                String id = written.get(i);
                String question = "Probability that two texts are of different modes, after generations: " + id + ",";
                result.exact("selftrain." + id + ".diversity", question + " on its own samples?", exactAlone[i], "");
                result.estimated("selftrain." + id + ".simulated", question + " simulated?", a, "");
                result.exact("mixed." + id + ".diversity", question + " with real data?", exactMixed[i], "");
                result.estimated("mixed." + id + ".simulated", question + " with real data, simulated?", m, "");
                table.row(
                        generations[i],
                        exactAlone[i],
                        a.mean(),
                        a.lower(),
                        a.upper(),
                        exactMixed[i],
                        m.mean(),
                        m.lower(),
                        m.upper());
            }
            result.table("drift", table.build());
            spread(square, settles);
            picture();
        }

        private void spread(double[] square, boolean settles) {
            double p = drift.prior[mode];
            result.exact(
                    "mixed.variance",
                    "Variance of the share of mode " + (mode + 1) + " in the long run, with real data?",
                    drift.variance(p),
                    "");
            String question = "The same, simulated?";
            if (settles) {
                SeedInterval interval = SeedInterval.within(square, 0, 1);
                result.estimated("mixed.variance.simulated", question, interval, "");
            } else {
                result.finding(new Finding(
                                "mixed.variance.simulated",
                                question,
                                Double.NaN,
                                Double.NaN,
                                Double.NaN,
                                Grade.ESTIMATED,
                                "",
                                null,
                                null)
                        .withdrawn("it settles only after " + FigureFormat.inWords(drift.settling())
                                + " generations, which are too many to simulate"));
            }
            result.exact(
                    "mixed.diversity",
                    "Probability that two texts are of different modes in the long run, with real data?",
                    Math.max(0, drift.mixed(Double.POSITIVE_INFINITY)),
                    "");
            result.exact("prior.diversity", "And under the prior?", drift.start(), "");
        }

        /** A mean of shares, whose interval ends at 0 and 1. */
        private static SeedInterval share(double[] values) {
            return SeedInterval.within(values, 0, 1);
        }

        /** Squares of the watched mode's distance from the real share at the end, with real data. */
        private double[] simulate(int end) {
            SplittableRandom random = new SplittableRandom(settings.whole("seed"));
            SelfTraining own = new SelfTraining(drift.prior, drift.samples, 0);
            double[] square = new double[repeats];
            for (int k = 0; k < repeats; k++) {
                history(own, last, alone, k, random);
                double[] shares = history(drift, end, mixed, k, random);
                square[k] = Math.pow(shares[mode] - drift.prior[mode], 2);
            }
            return square;
        }

        private double[] history(SelfTraining model, int end, double[][] seen, int k, RandomGenerator random) {
            double[] shares = model.prior.clone();
            for (int t = 0; t <= end; t++) {
                double diversity = 1 - Arrays.stream(shares).map(p -> p * p).sum();
                boolean isFixed = model.real == 0 && Arrays.stream(shares).anyMatch(p -> p == 1);
                if (isFixed) {
                    return shares; // for good: its diversity stays 0
                }
                int look = Arrays.binarySearch(looks, t);
                if (look >= 0) {
                    seen[look][k] = diversity;
                }
                if (t < end) {
                    shares = model.next(shares, random);
                }
            }
            return shares;
        }

        private void picture() {
            int count = 61;
            double end = Math.max(1, last);
            double[] time = new double[count];
            Arrays.setAll(time, i -> end * i / (count - 1));
            double[] at = Arrays.stream(looks).asDoubleStream().toArray();
            List<SeedInterval> simulated =
                    Arrays.stream(alone).map(Report::share).toList();
            List<SeedInterval> cured = Arrays.stream(mixed).map(Report::share).toList();
            result.picture(Picture.of(
                    "drift",
                    "Self-training drifts to one mode; real data holds the others",
                    "Lines are formulas; points are means of simulated histories, with 95 % intervals shaded.",
                    Picture.Axis.linear("generation"),
                    Picture.Axis.linear("1 − Σπ²"),
                    List.of(
                            Picture.Series.line(
                                    "own samples",
                                    time,
                                    Arrays.stream(time).map(drift::alone).toArray()),
                            Picture.Series.line(
                                    "real share " + settings.text("real"),
                                    time,
                                    Arrays.stream(time).map(drift::mixed).toArray()),
                            SeedInterval.points("own samples, simulated", at, simulated),
                            SeedInterval.points("real data, simulated", at, cured))));
        }
    }

    /** Shares among N draws from the model mixed with real data. */
    private double[] next(double[] shares, RandomGenerator random) {
        double[] next = new double[shares.length];
        int left = samples;
        double mass = 1;
        for (int i = 0; i < next.length && left > 0; i++) {
            double q = (1 - real) * shares[i] + real * prior[i];
            boolean isLast = i == next.length - 1 || q >= mass;
            int drawn = isLast ? left : binomial(left, Math.min(1, q / mass), random);
            next[i] = (double) drawn / samples;
            left -= drawn;
            mass -= q;
        }
        return next;
    }

    private static int binomial(int n, double p, RandomGenerator random) {
        if (n > FEW) {
            return new BinomialDistribution(n, p).inverseCumulativeProbability(random.nextDouble());
        }
        int count = 0;
        for (int i = 0; i < n; i++) {
            count += random.nextDouble() < p ? 1 : 0;
        }
        return count;
    }
}
