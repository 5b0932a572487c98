package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A world whose texts tell of their author: authors of several kinds write letters that are good (G) or bad (B), each
 * independently. A rater sees the first letter alone; the letters behind it are the unrewarded probe. Readers of k good
 * letters know the author by Bayes' rule.
 */
public final class LatentWorld implements Readers {
    private static final double MOST = 1000;
    private static final int REFINEMENTS = 60;
    private static final double[] GRID = grid();

    private final double[] weight;
    private final double[] good;
    private final double approved;
    private final int letters;
    private final double[][] onGrid; // (grid) (outcomes) nats

    /**
     * A world.
     *
     * @param weight (kinds) shares of authors
     * @param good (kinds) probability of a good letter
     * @param approved probability that a rater approves of a good letter; of a bad one he does with the rest
     * @param probes letters behind the first
     */
    public LatentWorld(double[] weight, double[] good, double approved, int probes) {
        this.weight = weight.clone();
        this.good = good.clone();
        this.approved = approved;
        this.letters = probes + 1;
        this.onGrid = Arrays.stream(GRID).mapToObj(this::logProbs).toArray(double[][]::new);
    }

    /** {@return three kinds of author and a probe of two letters, so that a policy can be unlike every reader} */
    public static LatentWorld standard() {
        return new LatentWorld(new double[] {.5, .3, .2}, new double[] {.1, .4, .8}, .8, 2);
    }

    private static double[] grid() {
        double[] grid = new double[301];
        for (int i = 0; i < grid.length; i++) {
            grid[i] = i <= 200 ? i / 20.0 : 10 * Math.pow(MOST / 10, (i - 200) / 100.0);
        }
        return grid;
    }

    /** {@return the texts, such as GBG, with their probabilities} */
    public TableModel prior() {
        Map<String, Double> joint = new LinkedHashMap<>();
        for (int code = 0; code < 1 << letters; code++) {
            double mass = 0;
            for (int z = 0; z < weight.length; z++) {
                mass += weight[z] * Math.exp(logLetters(code, letters, z));
            }
            joint.put(text(code), mass);
        }
        return TableModel.of(Distribution.of(joint));
    }

    /** {@return log P(approved | first letter)} */
    public RewardFunction reward() {
        return (prompt, text) -> Math.log(text.charAt(0) == 'G' ? approved : 1 - approved);
    }

    /**
     * The probe under a policy.
     *
     * @param policy over the world's texts
     * @return (outcomes) probabilities of the letters behind the first
     */
    public double[] probe(Distribution policy) {
        double[] probe = new double[1 << (letters - 1)];
        for (int code = 0; code < 1 << letters; code++) {
            probe[code >> 1] += policy.probability(text(code));
        }
        return probe;
    }

    /**
     * What a reader of good letters gives to the letters behind the first.
     *
     * @param copies k ≥ 0 good letters
     * @return (outcomes) probabilities
     */
    public double[] readers(double copies) {
        return Arrays.stream(logProbs(copies)).map(Math::exp).toArray();
    }

    @Override
    public double[] logProbs(double copies) {
        double[] posterior = new double[weight.length];
        for (int z = 0; z < posterior.length; z++) {
            posterior[z] = weight[z] * Math.pow(good[z] / good[good.length - 1], copies);
        }
        double all = Arrays.stream(posterior).sum();
        double[] logProbs = new double[1 << (letters - 1)];
        for (int code = 0; code < logProbs.length; code++) {
            double mass = 0;
            for (int z = 0; z < posterior.length; z++) {
                mass += posterior[z] / all * Math.exp(logLetters(code, letters - 1, z));
            }
            logProbs[code] = Math.log(mass);
        }
        return logProbs;
    }

    @Override
    public double nearest(double[] probe) {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < GRID.length; i++) {
            double cross = 0;
            for (int code = 0; code < probe.length; code++) {
                cross -= probe[code] * onGrid[i][code];
            }
            if (cross < least) {
                least = cross;
                best = i;
            }
        }
        double low = GRID[Math.max(0, best - 1)];
        double high = GRID[Math.min(GRID.length - 1, best + 1)];
        for (int i = 0; i < REFINEMENTS; i++) {
            double left = low + (high - low) / 3;
            double right = high - (high - low) / 3;
            if (kl(probe, left) <= kl(probe, right)) {
                high = right;
            } else {
                low = left;
            }
        }
        double found = (low + high) / 2;
        return kl(probe, 0) <= kl(probe, found) ? 0 : found;
    }

    /** The bits of a code are its letters, the first the lowest; a set bit is good. */
    private double logLetters(int code, int count, int z) {
        double log = 0;
        for (int bit = 0; bit < count; bit++) {
            log += Math.log((code >> bit & 1) == 1 ? good[z] : 1 - good[z]);
        }
        return log;
    }

    private String text(int code) {
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < letters; bit++) {
            text.append((code >> bit & 1) == 1 ? 'G' : 'B');
        }
        return text.toString();
    }
}
