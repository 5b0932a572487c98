package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import dev.credence.methods.ConjugateGradients;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * All pairs of each prompt's texts with the prior's masses, preferred by Bradley–Terry in the reward. They are as many as the
 * texts squared, so that none is kept.
 */
final class AllPairs {
    private static final double CLOSE = 1e-6; // of a gap, within which a secant is the tangent
    private static final int KEPT = 25_000_000; // pairs whose weights are kept while they are solved for, 200 MB

    private final List<Continuation> texts;
    private final double[] weight; // (prompts)
    private final double[][] mass; // (prompts) (texts)
    private final double[][] reward; // the same
    private final double[] referenceLogProbs; // (n)
    private final double[] share; // (n)

    AllPairs(List<Continuation> texts, double[] weight, List<double[]> logProbs, List<double[]> rewards) {
        this.texts = texts;
        this.weight = weight;
        this.reward = rewards.toArray(new double[0][]);
        this.mass = logProbs.stream()
                .map(row -> Arrays.stream(row).map(Math::exp).toArray())
                .toArray(double[][]::new);
        this.referenceLogProbs =
                logProbs.stream().flatMapToDouble(Arrays::stream).toArray();
        this.share = new double[referenceLogProbs.length];
        int from = 0;
        for (int c = 0; c < mass.length; c++) {
            for (int i = 0; i < mass[c].length; i++) {
                share[from++] = weight[c] * mass[c][i];
            }
        }
    }

    /** Listed one by one, each way with its probability; as many as the texts squared. */
    Pairs listed() {
        int most = Arrays.stream(mass).mapToInt(row -> row.length * row.length).sum();
        int[] preferred = new int[most];
        int[] other = new int[most];
        double[] times = new double[most];
        int n = 0;
        int from = 0;
        for (int c = 0; c < mass.length; c++) {
            for (int i = 0; i < mass[c].length; i++) {
                for (int j = 0; j < mass[c].length; j++) {
                    double chance = PairSource.chance(reward[c][i] - reward[c][j]);
                    times[n] = weight[c] * mass[c][i] * mass[c][j] * chance;
                    if (i != j && times[n] > 0) {
                        preferred[n] = from + i;
                        other[n++] = from + j;
                    }
                }
            }
            from += mass[c].length;
        }
        return new Pairs(
                texts,
                Arrays.copyOf(preferred, n),
                Arrays.copyOf(other, n),
                Arrays.copyOf(times, n),
                referenceLogProbs,
                share);
    }

    /** The texts, no preference among them. */
    Pairs alone() {
        return new Pairs(texts, new int[0], new int[0], new double[0], referenceLogProbs, share);
    }

    /** What each text is preferred more than the others are to it: (n) Σ_j π0_j (P_ij − P_ji). Texts of one reward are counted once. */
    double[] wins() {
        double[] wins = new double[share.length];
        int from = 0;
        for (int c = 0; c < mass.length; c++) {
            TreeMap<Double, Double> levels = new TreeMap<>();
            for (int i = 0; i < mass[c].length; i++) {
                levels.merge(reward[c][i], mass[c][i], Double::sum);
            }
            double[] level = levels.keySet().stream().mapToDouble(r -> r).toArray();
            double[] own = levels.values().stream().mapToDouble(m -> m).toArray();
            double[] won = new double[level.length];
            for (int i = 0; i < level.length; i++) {
                for (int j = 0; j < i; j++) {
                    double more = Math.tanh((level[i] - level[j]) / 2);
                    won[i] += own[j] * more;
                    won[j] -= own[i] * more;
                }
            }
            for (int i = 0; i < mass[c].length; i++) {
                wins[from + i] = won[Arrays.binarySearch(level, reward[c][i])];
            }
            from += mass[c].length;
        }
        return wins;
    }

    /** A figure of each pair, given how often the first is preferred, the logit of that, and ℓ_1 − ℓ_2. */
    @FunctionalInterface
    interface OfPair {
        /**
         * The figure.
         *
         * @param logit r_1 − r_2
         * @param gap ℓ_1 − ℓ_2, nats
         * @return any
         */
        double of(double logit, double gap);
    }

    /** Mean of a figure over pairs, nothing of a text with itself. */
    double mean(OfPair figure, double[] logRatios) {
        double sum = 0;
        int from = 0;
        for (int c = 0; c < mass.length; c++) {
            for (int i = 0; i < mass[c].length; i++) {
                for (int j = 0; j < mass[c].length; j++) {
                    double times = i == j ? 0 : weight[c] * mass[c][i] * mass[c][j];
                    sum += times == 0
                            ? 0
                            : times * figure.of(reward[c][i] - reward[c][j], logRatios[from + i] - logRatios[from + j]);
                }
            }
            from += mass[c].length;
        }
        return sum;
    }

    /** (n) of Σ_j weight · f(pair), f antisymmetric. */
    double[] sums(OfPair force, double[] logRatios) {
        double[] sums = new double[share.length];
        int from = 0;
        for (int c = 0; c < mass.length; c++) {
            for (int i = 0; i < mass[c].length; i++) {
                for (int j = 0; j < i; j++) {
                    double times = weight[c] * mass[c][i] * mass[c][j];
                    if (times > 0) {
                        double pull = times
                                * force.of(reward[c][i] - reward[c][j], logRatios[from + i] - logRatios[from + j]);
                        sums[from + i] += pull;
                        sums[from + j] -= pull;
                    }
                }
            }
            from += mass[c].length;
        }
        return sums;
    }

    /**
     * The step Δ that takes forces between pairs to zero if each falls in proportion to its gap's way to where it is zero:
     * Σ_j k_ij (Δ_i − Δ_j) = g_i with k the secants, by conjugate gradients.
     *
     * @param force f of a pair, antisymmetric
     * @param rest gap at which a pair's force is 0, by its logit; the second argument is not looked at
     * @param slope −∂f/∂gap there
     * @param logRatios (n) ℓ
     * @param pull (n) g
     * @return (n) Δ, up to a constant a prompt
     */
    double[] step(OfPair force, OfPair rest, OfPair slope, double[] logRatios, double[] pull) {
        double[] step = new double[share.length];
        int from = 0;
        for (int c = 0; c < mass.length; c++) {
            int n = mass[c].length;
            int first = from;
            int prompt = c;
            OfPair secant = (logit, gap) -> {
                double way = rest.of(logit, gap) - gap;
                return Math.abs(way) < CLOSE ? slope.of(logit, gap) : force.of(logit, gap) / way;
            };
            double[][] kept = (long) n * n <= KEPT ? new double[n][] : new double[0][];
            for (int i = 0; i < kept.length; i++) {
                kept[i] = row(prompt, i, first, secant, logRatios);
            }
            double[] diagonal = new double[n];
            for (int i = 0; i < n; i++) {
                double[] row = kept.length > 0 ? kept[i] : row(prompt, i, first, secant, logRatios);
                diagonal[i] = Arrays.stream(row).sum();
            }
            double[] own = ConjugateGradients.solve(
                    x -> {
                        double[] image = new double[n];
                        for (int i = 0; i < n; i++) {
                            double[] row = kept.length > 0 ? kept[i] : row(prompt, i, first, secant, logRatios);
                            for (int j = 0; j < n; j++) {
                                image[i] += row[j] * (x[i] - x[j]);
                            }
                        }
                        return image;
                    },
                    diagonal,
                    Arrays.copyOfRange(pull, first, first + n),
                    10 * n + 100,
                    1e-30);
            System.arraycopy(own, 0, step, first, n);
            from += n;
        }
        return step;
    }

    private double[] row(int c, int i, int from, OfPair secant, double[] logRatios) {
        double[] row = new double[mass[c].length];
        for (int j = 0; j < row.length; j++) {
            double times = i == j ? 0 : weight[c] * mass[c][i] * mass[c][j];
            row[j] = times == 0
                    ? 0
                    : times * secant.of(reward[c][i] - reward[c][j], logRatios[from + i] - logRatios[from + j]);
        }
        return row;
    }

    /** Mass of a text under a policy, by its log-ratio; with the prompt's weight. */
    double policyMass(int i, double logRatio) {
        return share[i] > 0 ? share[i] * Math.exp(Math.min(700, logRatio)) : 0;
    }

    /** (n) the prior's masses with their prompts' weights. */
    double[] shares() {
        return share.clone();
    }
}
