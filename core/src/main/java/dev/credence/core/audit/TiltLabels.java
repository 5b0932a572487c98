package dev.credence.core.audit;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.special.Erf;
import org.jspecify.annotations.Nullable;

/**
 * Whether the draws of tilts are draws of π0 e^{λr}/Z at the λ that they state, of the reward that they are audited by. Given the
 * text x of a record, it is a draw of tilt k with probability P_k(x) ({@link Mixture}); Z_k is solved so that Σ P_k is the number
 * of its draws, and then Σ h P_k is due for the sum of any feature h over its draws. The features are those that a tilt at
 * another λ moves (the reward), or one of another reward or another sampler (the reward's square, log π0, log π/π0).
 *
 * <p>It is the score test of the labels' likelihood against a tilt of tilt k by δh, with f_k = −log Z_k fitted: the influence of a
 * record on Σ h (1_k − P_k) is Σ_l (1_l − P_l)(δ_kl h − B_kl), B_kl = Σ_i h P_k (δ_km − P_m) H⁻¹_ml. Its variance is estimated
 * within sources, over units (so that the particles of one run are one), and is no less than that of labels drawn anew; the skewness
 * of the sum is allowed for by the first term of Cornish and Fisher's expansion, and a single unit besides. Rare texts that no record shows cannot mislead it: given the
 * texts, what is random is the label, whose probabilities are known.
 *
 * @param directions of all features and tilts, over all prompts
 * @param excess the largest ratio of a deviation to what is allowed, over all prompts or in one
 * @param isDoubtful whether one is beyond what one sound log in 200 shows
 * @param prompt the one that shows it, or null where all do together
 * @param worst the direction that shows it, or null where there is none
 */
record TiltLabels(
        List<Direction> directions,
        double excess,
        boolean isDoubtful,
        @Nullable String prompt,
        @Nullable Direction worst) {
    /** The probability of a false alarm that a log is set to, over all directions and all prompts. */
    private static final double LEVEL = 4e-4;

    /** The same of a warning. */
    private static final double WARNING = 5e-3;

    /** Of a level, what goes to the rewards of all draws together: a λ that is off by one factor shows there most. */
    private static final double FOR_ALL = .4;

    /** Of a level, what goes to all other directions together; the rest goes to single prompts. */
    private static final double FOR_EACH = .4;

    private static final int REWARD = 0;
    private static final int SQUARE = 1;
    private static final int LOG_PRIOR = 2;
    private static final int LOG_RATIO = 3;
    private static final int FEATURES = 4;

    /** Deviations from the records' mean at which features are cut: a few large ones are not to carry a sum. */
    private static final double CUT = 3;

    private static final double FEW_FREEDOM = 100;
    private static final double MORE_ROOM = 3;

    /** Of all tilts together, rather than of one. */
    private static final int TOGETHER = -1;

    /** That many standard errors are said to be allowed, as by {@link Normalisation}. */
    private static final double ERRORS = Normalisation.ERRORS;

    /**
     * One feature of the draws of one tilt, or of all.
     *
     * @param feature which
     * @param stratum the tilt's, or {@link #TOGETHER}
     * @param lambda the tilt's
     * @param deviation Σ h (1_k − P_k), in deviations of the feature
     * @param variance of it
     * @param varianceOfVariance of that estimate
     * @param third Σ of cubes of what units add to it
     * @param largest what a unit adds to it at most
     * @param own Σ of the feature itself over the tilt's draws, in its own unit
     * @param due what is due for it
     * @param draws how many those are
     * @serial exclude
     */
    record Direction(
            int feature,
            int stratum,
            double lambda,
            double deviation,
            double variance,
            double varianceOfVariance,
            double third,
            double largest,
            double own,
            double due,
            double draws)
            implements Serializable {
        Direction plus(Direction other) {
            return new Direction(
                    feature,
                    stratum,
                    lambda,
                    deviation + other.deviation,
                    variance + other.variance,
                    varianceOfVariance + other.varianceOfVariance,
                    third + other.third,
                    Math.max(largest, other.largest),
                    own + other.own,
                    due + other.due,
                    draws + other.draws);
        }

        boolean isOf(Direction other) {
            return feature == other.feature && stratum == other.stratum;
        }

        /** The deviation over what is allowed with a probability of {@code level} to be beyond it. */
        double excess(double level) {
            if (!(variance > 0)) {
                return 0;
            }
            double freedom = Math.max(1, 2 * variance * variance / varianceOfVariance);
            double quantile = freedom > 1e6
                    ? Math.sqrt(2) * Erf.erfcInv(level)
                    : -new TDistribution(freedom).inverseCumulativeProbability(level / 2);
            double skewness = Math.abs(third) / variance * (quantile * quantile - 1) / 6; // Cornish and Fisher's
            double room = freedom < FEW_FREEDOM ? MORE_ROOM : 1; // few runs hardly show how skewed they are
            return Math.abs(deviation) / (quantile * Math.sqrt(variance) + skewness + room * largest);
        }

        /** Whether a λ that is off by one factor for all draws shows here most. */
        boolean isOfAll(boolean single) {
            return feature == REWARD && (single || stratum == TOGETHER);
        }
    }

    /** What the tilts of a pool show. */
    static TiltLabels of(PromptPool pool) {
        List<List<Direction>> own = new ArrayList<>();
        List<Direction> all = new ArrayList<>();
        pool.each(c -> pool.members().get(c).tiltLabels(), (c, each) -> {
            own.add(each);
            each.forEach(direction -> add(all, direction));
        });
        TiltLabels failing = of(pool, own, all, LEVEL);
        return new TiltLabels(
                all, failing.excess, of(pool, own, all, WARNING).excess > 1, failing.prompt, failing.worst);
    }

    private static TiltLabels of(PromptPool pool, List<List<Direction>> own, List<Direction> all, double level) {
        double excess = 0;
        Direction worst = null;
        String prompt = null;
        boolean single = all.stream().noneMatch(direction -> direction.stratum == TOGETHER);
        for (Direction direction : all) {
            double share = direction.isOfAll(single) ? FOR_ALL : FOR_EACH / all.size();
            double here = direction.excess(share * level);
            if (here > excess) {
                excess = here;
                worst = direction;
            }
        }
        long prompts = own.stream().filter(each -> !each.isEmpty()).count();
        for (int c = 0; prompts > 1 && c < own.size(); c++) {
            for (Direction direction : own.get(c)) {
                double share = (1 - FOR_ALL - FOR_EACH) / own.get(c).size() / prompts;
                double here = direction.excess(share * level);
                if (here > Math.max(1, excess)) {
                    excess = here;
                    worst = direction;
                    prompt = pool.members().get(c).atoms().prompt();
                }
            }
        }
        return new TiltLabels(all, excess, false, prompt, worst);
    }

    private static void add(List<Direction> all, Direction direction) {
        for (int k = 0; k < all.size(); k++) {
            if (all.get(k).isOf(direction)) {
                all.set(k, all.get(k).plus(direction));
                return;
            }
        }
        all.add(direction);
    }

    /** Whether the log cannot be. */
    boolean isImpossible() {
        return excess > 1;
    }

    /** How many of the standard errors that are allowed. */
    double errors() {
        return ERRORS * excess;
    }

    /** What a reader must know where it is no proof. */
    String doubt() {
        return reason() + "; of sound logs one in 200 shows as much";
    }

    String reason() {
        Direction shown = Objects.requireNonNull(worst);
        String what = switch (shown.feature) {
            case REWARD -> "reward";
            case SQUARE -> "squared reward";
            case LOG_PRIOR -> "log pi0";
            default -> "log pi/pi0";
        };
        return (prompt == null ? "" : "prompt " + Words.quoted(prompt) + ": ")
                + Gates.text(
                        "draws of the %s have a mean %s of %s where %s is due by their weights (%s standard errors, 4"
                                + " allowed): they were not drawn at the lambda that they state, or by another reward, from another"
                                + " model, or in runs that the field group does not name",
                        shown.stratum == TOGETHER ? "tilts" : "tilt at lambda " + Words.number(shown.lambda),
                        what,
                        Words.apart(shown.own / shown.draws, shown.due / shown.draws),
                        Words.apart(shown.due / shown.draws, shown.own / shown.draws),
                        Words.number(errors()));
    }

    /** One prompt's, empty where it has no tilts, or a tilt in a single run: its spread cannot be told. */
    static List<Direction> of(Atoms atoms) {
        Mixture mixture = atoms.mixture();
        if (mixture == null || mixture.tilts() == 0 || EstimatedDraws.applies(atoms)) {
            return List.of();
        }
        return new Test(atoms, mixture).directions();
    }

    /** The test of one prompt. */
    private static final class Test {
        // by stratum: units, then by direction
        private static final int SUM = 0;
        private static final int SQUARES = 1;
        private static final int CUBES = 2;
        private static final int FOURTH = 3;
        private static final int POWERS = 4;

        private final Atoms atoms;
        private final Mixture mixture;
        private final int tilts;
        private final int ways; // each tilt, and all of them where they are several
        private final int width;
        private final double[] mean = new double[FEATURES];
        private final double[] deviation = new double[FEATURES];
        private final double[][] weight; // (features × ways, tilts) of a tilt's label in a direction
        private final double[][] shift; // (features × ways, tilts) B

        Test(Atoms atoms, Mixture mixture) {
            this.atoms = atoms;
            this.mixture = mixture;
            this.tilts = mixture.tilts();
            this.ways = tilts == 1 ? 1 : tilts + 1;
            this.width = FEATURES * ways;
            this.weight = new double[width][tilts];
            this.shift = new double[width][tilts];
            double largest = IntStream.range(0, tilts)
                    .mapToDouble(k -> Math.abs(mixture.lambda(k)))
                    .max()
                    .orElse(0);
            for (int d = 0; d < width; d++) {
                for (int k = 0; k < tilts; k++) {
                    weight[d][k] = d % ways < tilts
                            ? d % ways == k ? 1 : 0
                            : d / ways == REWARD && largest > 0 ? mixture.lambda(k) / largest : 1;
                }
            }
        }

        private double raw(int feature, AtomBlock block, int i) {
            return switch (feature) {
                case REWARD -> atoms.tiltReward(block.start + i);
                case SQUARE -> {
                    double z = value(REWARD, block, i);
                    yield z * z;
                }
                case LOG_PRIOR -> block.logPrior[i];
                case LOG_RATIO -> block.isSupported(i) ? block.logPolicy[i] - block.logPrior[i] : Double.NaN;
                default -> throw new IllegalArgumentException("no feature " + feature);
            };
        }

        /** In deviations from the records' mean. */
        private double value(int feature, AtomBlock block, int i) {
            double z = (raw(feature, block, i) - mean[feature]) / deviation[feature];
            return Double.isNaN(z) ? 0 : Math.max(-CUT, Math.min(CUT, z));
        }

        private void standardise(int feature) {
            double[] sums = atoms.sum(3, (block, into) -> {
                for (int i = 0; i < block.count; i++) {
                    double own = raw(feature, block, i);
                    if (atoms.isInProposal(block.stratum[i]) && !Double.isNaN(own)) {
                        into[0]++;
                        into[1] += own;
                    }
                }
            });
            double center = sums[1] / sums[0];
            double[] squares = atoms.sum(1, (block, into) -> {
                for (int i = 0; i < block.count; i++) {
                    double own = raw(feature, block, i) - center;
                    into[0] += atoms.isInProposal(block.stratum[i]) && !Double.isNaN(own) ? own * own : 0;
                }
            });
            mean[feature] = center;
            deviation[feature] = Math.sqrt(squares[0] / sums[0]);
        }

        List<Direction> directions() {
            for (int feature = 0; feature < FEATURES; feature++) {
                standardise(feature);
            }
            shifts();
            double[] sums = atoms.sumUnits(
                    atoms.strata() * (1 + POWERS * width),
                    width,
                    () -> this::fill,
                    (units, into) -> powers(units, into));
            for (int s = 0; s < atoms.strata(); s++) {
                if (mixture.isTilt(s) && sums[s * (1 + POWERS * width)] == 1 && atoms.records(s) > 1) {
                    return List.of();
                }
            }
            double[] anew = atoms.sum(width, this::anew);
            double[] means = atoms.sum(2 * width, this::means);
            List<Direction> directions = new ArrayList<>();
            for (int d = 0; d < width; d++) {
                if (deviation[d / ways] > 0) {
                    directions.add(direction(d, sums, anew[d], means));
                }
            }
            return directions;
        }

        private Direction direction(int d, double[] sums, double anew, double[] means) {
            double total = 0;
            double variance = 0;
            double varianceOfVariance = 0;
            double third = 0;
            double fourth = 0;
            for (int s = 0; s < atoms.strata(); s++) {
                int at = s * (1 + POWERS * width);
                double n = sums[at];
                int of = at + 1 + POWERS * d;
                total += sums[of + SUM];
                third += sums[of + CUBES];
                fourth += sums[of + FOURTH];
                if (n > 1) {
                    double second = Math.max(0, sums[of + SQUARES] - sums[of + SUM] * sums[of + SUM] / n);
                    double spread = n / (n - 1) * second;
                    variance += spread;
                    varianceOfVariance += spread * spread * StudentT.spreadOfVariance(n, second, sums[of + FOURTH]);
                }
            }
            int k = d % ways;
            double draws = IntStream.range(0, tilts)
                    .filter(t -> k == tilts || t == k)
                    .mapToDouble(t -> atoms.draws(mixture.stratum(t)))
                    .sum();
            return new Direction(
                    d / ways,
                    k == tilts ? TOGETHER : mixture.stratum(k),
                    k == tilts ? Double.NaN : mixture.lambda(k),
                    total,
                    Math.max(variance, anew),
                    varianceOfVariance,
                    third,
                    Math.pow(fourth, .25),
                    means[2 * d],
                    means[2 * d + 1],
                    draws);
        }

        private void shifts() {
            double[] slopes = atoms.sum(
                    width * tilts,
                    (block, into) -> each(block, (i, d, share) -> {
                        double h = value(d / ways, block, i);
                        double of = 0;
                        for (int k = 0; k < tilts; k++) {
                            of += weight[d][k] * share[k];
                        }
                        for (int l = 0; l < tilts; l++) {
                            into[d * tilts + l] += h * share[l] * (weight[d][l] - of);
                        }
                    }));
            RealMatrix inverse = mixture.inverse();
            for (int d = 0; d < width; d++) {
                for (int l = 0; l < tilts; l++) {
                    for (int m = 0; m < tilts; m++) {
                        shift[d][l] += slopes[d * tilts + m] * inverse.getEntry(m, l);
                    }
                }
            }
        }

        /** What is done with a record that is drawn from the mixture, in a direction, given its tilts' shares of it. */
        private interface Task {
            void of(int i, int direction, double[] share);
        }

        private void each(AtomBlock block, Task task) {
            double[] share = new double[tilts];
            for (int i = 0; i < block.count; i++) {
                if (atoms.isInProposal(block.stratum[i])) {
                    for (int k = 0; k < tilts; k++) {
                        share[k] = atoms.tiltShare(k, block.start + i);
                    }
                    for (int d = 0; d < width; d++) {
                        task.of(i, d, share);
                    }
                }
            }
        }

        /** The influences of records. */
        private void fill(AtomBlock block, double[][] into) {
            for (double[] column : into) {
                Arrays.fill(column, 0, block.count, 0);
            }
            each(block, (i, d, share) -> {
                double h = value(d / ways, block, i);
                for (int k = 0; k < tilts; k++) {
                    double label = block.stratum[i] == mixture.stratum(k) ? 1 : 0;
                    into[d][i] += (label - share[k]) * (weight[d][k] * h - shift[d][k]);
                }
            });
        }

        private void powers(UnitColumns units, double[] into) {
            for (int i = 0; i < units.count; i++) {
                int at = units.stratum(i) * (1 + POWERS * width);
                into[at]++;
                for (int d = 0; d < width; d++) {
                    double own = units.columns[d][i];
                    int of = at + 1 + POWERS * d;
                    into[of + SUM] += own;
                    into[of + SQUARES] += own * own;
                    into[of + CUBES] += own * own * own;
                    into[of + FOURTH] += own * own * own * own;
                }
            }
        }

        /** The variances of labels that are drawn anew. */
        private void anew(AtomBlock block, double[] into) {
            each(block, (i, d, share) -> {
                double h = value(d / ways, block, i);
                double first = 0;
                double second = 0;
                for (int k = 0; k < tilts; k++) {
                    double own = weight[d][k] * h - shift[d][k];
                    first += share[k] * own;
                    second += share[k] * own * own;
                }
                into[d] += second - first * first;
            });
        }

        /** Sums of the features themselves over the draws of a direction's tilts, and what is due for them. */
        private void means(AtomBlock block, double[] into) {
            each(block, (i, d, share) -> {
                int feature = d / ways;
                double own = raw(feature == SQUARE ? REWARD : feature, block, i);
                double shown = Double.isNaN(own) ? 0 : feature == SQUARE ? own * own : own;
                for (int k = 0; k < tilts; k++) {
                    if (d % ways == k || d % ways == tilts) {
                        into[2 * d] += block.stratum[i] == mixture.stratum(k) ? shown : 0;
                        into[2 * d + 1] += share[k] * shown;
                    }
                }
            });
        }
    }
}
