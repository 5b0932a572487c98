package dev.credence.methods.training;

import dev.credence.core.model.Continuation;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * All pairs of each prompt's texts with the prior's masses, preferred by Bradley–Terry in the reward. They are as many as the
 * texts squared, so that none is kept.
 */
final class AllPairs {
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

    /** Mass of a text under a policy, by its log-ratio; with the prompt's weight. */
    double policyMass(int i, double logRatio) {
        return share[i] > 0 ? share[i] * Math.exp(Math.min(700, logRatio)) : 0;
    }

    /** (n) the prior's masses with their prompts' weights. */
    double[] shares() {
        return share.clone();
    }

    /** (n) the rewards. */
    double[] rewards() {
        return Arrays.stream(reward).flatMapToDouble(Arrays::stream).toArray();
    }
}
