package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Iterated amplification as fixed points: questions answered by asking a model of the answers. What is reached, how fast, from
 * which guess, and how far one bad answer spreads (docs/theory.md, self-training and fixed points).
 */
public final class Amplification implements Experiment {
    private static final int NODES = 200_000; // simulated a level
    private static final double TOLERANCE = 1e-6; // of an answer that counts as arrived at
    private static final int MOST_ROUNDS = 1_000_000;
    private static final double ROUNDING = 4e-16; // of an answer, a round
    private static final double ENOUGH = 100; // bad answers a level, below which a simulation may miss them all

    /** For the service loader. */
    public Amplification() {}

    @Override
    public String name() {
        return "amplification";
    }

    @Override
    public String question() {
        return "Does training a model on answers that it helped to find settle on the truth, and how far does one bad answer go?";
    }

    @Override
    public List<String> related() {
        return List.of("which-conditional");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        int rounds = settings.count("distil.rounds");
        return List.of(
                KeyFigure.of(
                                "error of the cycle after " + settings.text("depth") + " rounds",
                                "cycle.error",
                                "slope^depth · distance at the start")
                        .expecting("cycle.bound"),
                KeyFigure.of("answers that are bad, simulated", "contamination.simulated", "x_h = 1 − (1−ε)(1−τx)^b")
                        .expecting("contamination.depth"),
                KeyFigure.of(
                                "right answers after " + rounds + " rounds of distillation",
                                "distilled." + rounds + ".right",
                                "the fixed point's")
                        .expecting("distilled.limit")
                        .onTransformers("transformer." + rounds + ".right"));
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> settings = new ArrayList<>(List.of(
                ExperimentKey.number(
                        "cycle.slope",
                        "0.5",
                        -0.999999,
                        0.999999,
                        "two questions that each need the other: how strongly an answer follows the other's"),
                ExperimentKey.numbers("cycle.offsets", "0.3,0.1", -1e6, 1e6, "what each of the two adds of its own"),
                ExperimentKey.numbers("cycle.start", "1,0", -1e6, 1e6, "the early guesses for the two"),
                ExperimentKey.whole("depth", 10, 1, 1000, "rounds of amplification, or levels of a tree of questions"),
                ExperimentKey.number(
                        "deferral", "0.1", 0, 1, "share of an answer that is found rather than asked of the model"),
                ExperimentKey.number(
                        "majority.start", "0.6", 0, 1, "probability of the right answer before majorities of three"),
                ExperimentKey.whole("branching", 2, 1, 50, "questions that each question is broken into"),
                ExperimentKey.number(
                        "transmission", "0.4", 0, 1, "probability that a bad answer below makes the one above bad"),
                ExperimentKey.number("own", "0.01", 0, 1, "probability that an answer goes bad by itself"),
                ExperimentKey.number(
                        "repair", "0", 0, 1e6, "rate at which bad answers are found and mended, beside transmission"),
                ExperimentKey.number(
                        "performative.pull",
                        "0.5",
                        -0.999999,
                        0.999999,
                        "how strongly the next data follow what was predicted of the last"),
                ExperimentKey.number("performative.mean", "1", -1e6, 1e6, "what the data would be without predictions"),
                ExperimentKey.number(
                        "coupling", "1.5", 0, 100, "how strongly the world follows what is predicted of it"),
                ExperimentKey.number("field", "0", -100, 100, "what pulls the world one way whatever is predicted"),
                ExperimentKey.seed()));
        settings.addAll(IteratedDistillation.settings());
        return settings;
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        return IteratedDistillation.standards(effort);
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        ExperimentResult.Builder result = ExperimentResult.builder();
        cycle(settings, result);
        majority(settings, result);
        contamination(settings, result);
        performative(settings, result);
        SelfFulfilling world = new SelfFulfilling(settings.number("coupling"), settings.number("field"));
        world.tell(settings.number("majority.start"), result);
        tables(settings, world, result);
        String distilled = new IteratedDistillation(settings).add(result, listener);
        return result.conclude(
                conclusion(settings, world, result),
                distilled,
                "Questions here are numbers, probabilities and bits, and the model answers as it was trained to: whether a large"
                        + " language model's questions are a contraction, and how it passes on a bad answer, is not measured"
                        + " by this.");
    }

    /** Two questions that need each other, and the same broken into ranks. */
    private static void cycle(ExperimentSettings settings, ExperimentResult.Builder result) {
        Cycle cycle = new Cycle(settings);
        int depth = settings.count("depth");
        double[] limit = cycle.limit();
        result.exact("cycle.a", "What do two questions that need each other settle on?", limit[0], "");
        result.exact("cycle.b", "And the other of the two?", limit[1], "");
        double[] reached = cycle.rounds(depth);
        result.exact("cycle.error", "How far from that after so many rounds?", cycle.error(reached), "");
        double first = Cycle.distance(cycle.start, limit);
        result.exact(
                "cycle.bound", "How far at most, by the slope?", Math.pow(Math.abs(cycle.slope), depth) * first, "");
        double[] one = cycle.ranks(depth, cycle.start);
        double[] other = cycle.ranks(depth, new double[] {-cycle.start[0] - 1, cycle.start[1] + 7});
        result.exact("strict.answer", "What do questions broken into simpler ones settle on?", one[depth], "");
        result.exact(
                "strict.spread",
                "How much of that depends on the early guess?",
                Math.abs(one[depth] - other[depth]),
                "");
        result.exact(
                "deferral.weight",
                "How much of the early guess is left where answers are mostly asked of the model?",
                Math.pow(1 - settings.number("deferral"), depth),
                "share");
        double[] predicted = cycle.predicted();
        double plain = cycle.roundsTo(limit);
        double saved = plain - Math.min(plain, Cycle.PREDICTING); // the end that is foretold is the end
        result.exact("predict_end.rounds_saved", "Rounds saved by predicting the end early?", saved, "rounds");
        result.exact(
                "predict_end.moved",
                "How far does predicting the end move it?",
                Cycle.distance(cycle.converged(predicted), limit),
                "");
    }

    /**
     * Two questions a = s·b + o₁, b = s·a + o₂.
     *
     * @param slope s, of size below 1
     * @param offsets (2) o₁, o₂
     * @param start (2) early guesses
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Cycle(double slope, double[] offsets, double[] start) {
        /** Rounds that are looked at before the end is predicted: a geometric approach is known by three. */
        static final int PREDICTING = 2;

        Cycle(ExperimentSettings settings) {
            this(settings.number("cycle.slope"), two(settings, "cycle.offsets"), two(settings, "cycle.start"));
        }

        private static double[] two(ExperimentSettings settings, String key) {
            double[] values = settings.numbers(key);
            if (values.length != 2) {
                throw InputException.ofSetting(key, settings.text(key), "two questions have two numbers");
            }
            return values;
        }

        double[] limit() {
            double scale = 1 - slope * slope;
            return new double[] {(offsets[0] + slope * offsets[1]) / scale, (offsets[1] + slope * offsets[0]) / scale};
        }

        double[] next(double[] at) {
            return new double[] {slope * at[1] + offsets[0], slope * at[0] + offsets[1]};
        }

        double[] rounds(int count) {
            double[] at = start;
            for (int i = 0; i < count; i++) {
                at = next(at);
            }
            return at;
        }

        /** From an answer, until rounds change nothing. */
        double[] converged(double[] from) {
            double[] at = from;
            for (int i = 0; i < MOST_ROUNDS; i++) {
                double[] next = next(at);
                if (Arrays.equals(next, at)) {
                    return at;
                }
                at = next;
            }
            return at;
        }

        /** Until the distance counts as none: each round shrinks it by the slope. */
        double roundsTo(double[] limit) {
            double first = distance(start, limit);
            if (first <= TOLERANCE) {
                return 0;
            }
            return slope == 0 ? 1 : Math.ceil(Math.log(TOLERANCE / first) / Math.log(Math.abs(slope)));
        }

        /** The end that two rounds foretell: each approach is geometric in every second round. */
        double[] predicted() {
            double[] first = start;
            double[] third = next(next(first));
            double shrink = slope * slope;
            double[] end = new double[2];
            Arrays.setAll(end, i -> third[i] + shrink / (1 - shrink) * (third[i] - first[i]));
            return end;
        }

        /** Answers of rank 0, 1, …: each asks the one below, so that rounds settle them from below, whatever was guessed. */
        double[] ranks(int depth, double[] guesses) {
            double[] answers = new double[depth + 1];
            Arrays.setAll(answers, rank -> guesses[rank % 2]);
            for (int round = 0; round <= depth; round++) {
                double[] before = answers.clone();
                Arrays.setAll(answers, rank -> offsets[rank % 2] + (rank == 0 ? 0 : slope * before[rank - 1]));
            }
            return answers;
        }

        /** Distance from the limit; what rounding leaves of it counts as none. */
        double error(double[] at) {
            double[] limit = limit();
            double size = Math.max(Math.abs(limit[0]), Math.abs(limit[1]));
            double distance = distance(at, limit);
            return distance <= ROUNDING * size / (1 - Math.abs(slope)) ? 0 : distance;
        }

        static double distance(double[] a, double[] b) {
            return Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]));
        }
    }

    private static double majorityOfThree(double p) {
        return p * p * (3 - 2 * p);
    }

    private static void majority(ExperimentSettings settings, ExperimentResult.Builder result) {
        double p = settings.number("majority.start");
        double limit = p == 0.5 ? 0.5 : p > 0.5 ? 1 : 0;
        for (int round = 1; round <= settings.count("depth"); round++) {
            p = majorityOfThree(p);
            result.exact(
                    "majority." + round,
                    "Probability of the right answer after " + FigureFormat.counted(round, "round")
                            + " of majorities of three?",
                    p,
                    "probability");
        }
        result.exact("majority.limit", "And in the end?", limit, "probability");
    }

    /** Retraining on data that follow the predictions, θ ← μ + εθ from 0: Perdomo and others' stable point (2020). */
    private static void performative(ExperimentSettings settings, ExperimentResult.Builder result) {
        double pull = settings.number("performative.pull");
        double mean = settings.number("performative.mean");
        double at = 0;
        for (int round = 1; round <= settings.count("depth"); round++) {
            at = mean + pull * at;
            result.exact(
                    "performative." + round,
                    "Prediction after " + FigureFormat.counted(round, "round") + " of retraining on its own effects?",
                    at,
                    "");
        }
        result.exact("performative.limit", "And in the end?", mean / (1 - pull), "");
    }

    private static void contamination(ExperimentSettings settings, ExperimentResult.Builder result) {
        Contamination spread = new Contamination(settings);
        double[] levels = spread.levels(settings.count("depth"));
        result.exact(
                "contamination.depth",
                "How likely is the answer bad on top of so many levels of questions?",
                levels[levels.length - 1],
                "probability");
        result.exact("contamination.limit", "And on top of ever more?", spread.limit(), "probability");
        result.exact(
                "contamination.threshold",
                "Bad answers above that one bad answer makes (1 is critical)?",
                spread.threshold(),
                "");
        result.exact(
                "contamination.onset",
                "How likely is the answer bad in the limit where almost none goes bad by itself?",
                spread.onset(),
                "probability");
        result.exact(
                "contamination.extinction",
                "How likely is it that one bad answer's effects die out?",
                1 - spread.onset(),
                "probability");
        result.exact(
                "contamination.size",
                "Bad answers that one bad answer makes in all, itself counted?",
                spread.threshold() < 1 ? 1 / (1 - spread.threshold()) : Double.POSITIVE_INFINITY,
                "answers");
        result.exact(
                "contamination.ever",
                "Probability that one of so many rounds goes bad by itself?",
                1 - Math.pow(1 - settings.number("own"), settings.count("depth")),
                "probability");
        simulation(settings, spread, result);
        double repair = settings.number("repair");
        double rate = spread.threshold() == 0 ? 0 : spread.threshold() / repair; // without repair never mended
        result.exact("repaired.r0", "Bad answers that one makes before it is mended?", rate, "");
        double endemic = rate > 0 ? Math.max(0, 1 - 1 / rate) : 0;
        result.exact(
                "repaired.endemic", "Share of answers that stays bad where bad ones are mended?", endemic, "share");
    }

    /** Where hardly an answer goes bad by itself, what grows from the few that did or did not is no measurement. */
    private static void simulation(ExperimentSettings settings, Contamination spread, ExperimentResult.Builder result) {
        SeedInterval interval = spread.simulated(settings.count("depth"), new SplittableRandom(settings.whole("seed")));
        Finding finding = new Finding(
                "contamination.simulated",
                "How often was it bad in simulated trees?",
                interval.lower(),
                interval.mean(),
                interval.upper(),
                Grade.ESTIMATED,
                "probability",
                "95 %",
                null);
        double expected = NODES * spread.own;
        result.finding(
                expected == 0 || expected >= ENOUGH
                        ? finding
                        : finding.withdrawn(String.format(
                                Locale.ROOT,
                                "of %d simulated answers a level about %.3g go bad by themselves, at least %.0f are needed",
                                NODES,
                                expected,
                                ENOUGH)));
    }

    /**
     * x_h = 1 − (1 − ε)(1 − τ x_{h−1})^b, x_0 = ε.
     *
     * @param branching b
     * @param transmission τ
     * @param own ε
     */
    private record Contamination(int branching, double transmission, double own) {
        Contamination(ExperimentSettings settings) {
            this(settings.count("branching"), settings.number("transmission"), settings.number("own"));
        }

        double threshold() {
            return branching * transmission;
        }

        double next(double below) {
            return 1 - (1 - own) * Math.pow(1 - transmission * below, branching);
        }

        double[] levels(int depth) {
            double[] levels = new double[depth + 1];
            levels[0] = own;
            for (int h = 1; h <= depth; h++) {
                levels[h] = next(levels[h - 1]);
            }
            return levels;
        }

        /** The levels rise, and with them the smallest fixed point at or above ε is reached; by bisection where that is slow. */
        double limit() {
            return own == 0 ? 0 : rising(own, own);
        }

        double onset() {
            return threshold() <= 1 ? 0 : new Contamination(branching, transmission, 0).rising(1e-9, 0);
        }

        /** The largest x where next(x) ≥ x: the map is concave, so that there is one crossing above where it starts. */
        private double rising(double low, double otherwise) {
            double below = low;
            double above = 1;
            if (next(1) >= 1) {
                return 1;
            }
            for (int i = 0; i < 200; i++) {
                double middle = (below + above) / 2;
                if (next(middle) >= middle) {
                    below = middle;
                } else {
                    above = middle;
                }
            }
            return Math.max(otherwise, (below + above) / 2);
        }

        /** (lower, estimate, upper) of the top of trees, level by level: each node's children are drawn from the level below. */
        SeedInterval simulated(int depth, SplittableRandom random) {
            boolean[] level = new boolean[NODES];
            double share = bad(level, random, new boolean[0]);
            double variance = share * (1 - share) / NODES;
            for (int h = 1; h <= depth; h++) {
                boolean[] above = new boolean[NODES];
                double slope =
                        (1 - own) * branching * transmission * Math.pow(1 - transmission * share, branching - 1.0);
                share = bad(above, random, level);
                variance = slope * slope * variance + share * (1 - share) / NODES;
                level = above;
            }
            double half = 1.96 * Math.sqrt(variance) + 1.0 / NODES;
            return new SeedInterval(share - half, share, share + half).bounded(0, 1);
        }

        private double bad(boolean[] level, SplittableRandom random, boolean[] below) {
            int count = 0;
            for (int i = 0; i < level.length; i++) {
                boolean bad = random.nextDouble() < own;
                for (int child = 0; child < branching && !bad && below.length > 0; child++) {
                    bad = below[random.nextInt(below.length)] && random.nextDouble() < transmission;
                }
                level[i] = bad;
                count += bad ? 1 : 0;
            }
            return (double) count / level.length;
        }
    }

    private static void tables(ExperimentSettings settings, SelfFulfilling world, ExperimentResult.Builder result) {
        Cycle cycle = new Cycle(settings);
        int depth = settings.count("depth");
        double[] levels = new Contamination(settings).levels(depth);
        double[] depths = new double[depth + 1];
        double[] majority = new double[depth + 1];
        double[] error = new double[depth + 1];
        DataTable.Builder table = DataTable.of(
                "Round by round, or level by level",
                "depth",
                "cycle a",
                "cycle b",
                "cycle error",
                "early guess left",
                "majority",
                "contaminated");
        double p = settings.number("majority.start");
        for (int d = 0; d <= depth; d++) {
            double[] at = cycle.rounds(d);
            depths[d] = d;
            majority[d] = p;
            error[d] = cycle.error(at);
            table.row(d, at[0], at[1], error[d], Math.pow(1 - settings.number("deferral"), d), p, levels[d]);
            p = majorityOfThree(p);
        }
        result.table("depths", table.build());
        Picture.Axis rounds = Picture.Axis.linear("rounds or levels");
        result.picture(Picture.of(
                "error",
                "Questions that need each other settle",
                "Distance of the answers from where they settle.",
                rounds,
                Picture.Axis.logarithmic("distance (logarithmic)"),
                List.of(Picture.Series.line("cycle", depths, error))));
        result.picture(Picture.of(
                "depths",
                "Majorities and contamination",
                "The probability of the right answer after majorities of three, and of a bad answer on top of a tree.",
                rounds,
                Picture.Axis.linear("probability"),
                List.of(
                        Picture.Series.line("right by majority", depths, majority),
                        Picture.Series.line("bad by contamination", depths, levels))));
        result.picture(world.picture());
    }

    private static String conclusion(
            ExperimentSettings settings, SelfFulfilling world, ExperimentResult.Builder result) {
        int depth = settings.count("depth");
        double threshold = result.estimate("contamination.threshold");
        return String.format(
                Locale.ROOT,
                "On questions that need each other (slope %s, offsets %s; cyclic), from early guesses %s: after %s the"
                        + " answers are %s from the one that there is, where the slope allows %s (exact; more would have refuted it). Broken into simpler"
                        + " questions (strict) they do not depend on the early guesses at all (spread %s). An answer of"
                        + " which the share %s is found and the rest asked of the model (deferring) keeps %s of the early guess, and majorities of three lead from"
                        + " %s to %s: there the guess decides. One bad answer makes %s bad ones above it (branching ×"
                        + " transmission), %s the critical 1: on top of %s %s of the answers are bad, in the limit %s.\nA"
                        + " world that follows predictions with coupling %s %s.",
                FigureFormat.of(settings.number("cycle.slope")),
                settings.text("cycle.offsets"),
                settings.text("cycle.start"),
                FigureFormat.counted(depth, "round"),
                FigureFormat.of(result.estimate("cycle.error")),
                FigureFormat.of(result.estimate("cycle.bound")),
                FigureFormat.of(result.estimate("strict.spread")),
                FigureFormat.of(settings.number("deferral")),
                FigureFormat.of(result.estimate("deferral.weight")),
                FigureFormat.of(settings.number("majority.start")),
                FigureFormat.of(result.estimate("majority.limit")),
                FigureFormat.of(threshold),
                threshold < 1 ? "below" : threshold > 1 ? "above" : "at",
                FigureFormat.counted(depth, "level"),
                FigureFormat.of(result.estimate("contamination.depth")),
                FigureFormat.of(result.estimate("contamination.limit")),
                FigureFormat.of(settings.number("coupling")),
                world.words());
    }
}
