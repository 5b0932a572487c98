package dev.credence.core.audit;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.LogMath;
import dev.credence.core.provenance.InputException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.stream.IntStream;

/**
 * A target whose log-likelihoods depend on where the prior's quantiles are (quantilizer, best-of-n, Luce pools), which a log
 * only estimates from its own records.
 *
 * <p>A hard edge within the records' error is put where it suits the policy best: a text on the wrong side of an estimated
 * threshold is no sign that the policy left its support. What is smooth in the prior's masses is differentiated by them, so
 * that the target's own error enters the influence functions.
 */
final class LearntTarget {
    private static final int BINS = 48;
    private static final int EDGES = 60;
    private static final double EDGE_ERRORS = 4; // the worst of many prompts' edges still lies within
    private static final double STEP = 1e-4;

    private final RewardLikelihood evidence;
    private final String prompt;
    private final double[] reward; // (atoms)
    private final double[] prior; // (atoms) ū
    private final double[] policy; // (atoms) v̄
    private final double[] logRatio; // (atoms)
    private final double draws; // from the prior; 0 where the masses are exact

    LearntTarget(Atoms atoms, RewardLikelihood evidence) {
        this.evidence = evidence;
        this.prompt = atoms.prompt();
        int n = atoms.size();
        reward = new double[n];
        prior = new double[n];
        policy = new double[n];
        logRatio = new double[n];
        draws = atoms.strata() == 0 ? 0 : atoms.draws(RolloutLog.PRIOR);
        atoms.forEachBlock(block -> {
            System.arraycopy(block.reward, 0, reward, block.start, block.count);
            System.arraycopy(block.u, 0, prior, block.start, block.count);
            System.arraycopy(block.v, 0, policy, block.start, block.count);
            System.arraycopy(block.logRatio, 0, logRatio, block.start, block.count);
        });
    }

    /** ln w̄/ū by atom, and log Z. */
    @SuppressWarnings("ArrayRecordComponent")
    record Weights(double[] logWeight, double logZ) {}

    /** The target, its edge where it suits the policy best within the prior's error. */
    Weights weights() {
        checkRewards();
        Weights stated = normalised(evidence.logLikelihoods(reward, prior));
        if (draws == 0 || divergence(stated) < Double.POSITIVE_INFINITY || !isHard(stated)) {
            return stated;
        }
        Weights best = stated;
        double least = Double.POSITIVE_INFINITY;
        for (double masses : edges()) {
            Weights moved = normalised(evidence.logLikelihoods(reward, scaledTop(masses)));
            double divergence = divergence(moved);
            if (divergence < least) {
                least = divergence;
                best = moved;
            }
        }
        return best;
    }

    /** Evidence may say nothing of some rewards. */
    private void checkRewards() {
        String refused = evidence.refused(reward);
        if (refused != null) {
            throw InputException.ofSetting("evidence", evidence.describe(), "of prompt '" + prompt + "' " + refused);
        }
    }

    private static boolean isHard(Weights weights) {
        return Arrays.stream(weights.logWeight).anyMatch(w -> w == Double.NEGATIVE_INFINITY);
    }

    /** Factors of the prior's mass at the policy's rewards that its records do not rule out. */
    private double[] edges() {
        double edge = policyEdge();
        double top = IntStream.range(0, reward.length)
                .filter(i -> reward[i] >= edge)
                .mapToDouble(i -> prior[i])
                .sum();
        double error = Math.sqrt(Math.max(0, 1 - top) / (top * draws));
        return IntStream.rangeClosed(-EDGES, EDGES)
                .mapToDouble(k -> Math.exp(k * EDGE_ERRORS * error / EDGES))
                .toArray();
    }

    /** The least reward that the policy gives anything. */
    private double policyEdge() {
        return IntStream.range(0, reward.length)
                .filter(i -> policy[i] > 0)
                .mapToDouble(i -> reward[i])
                .min()
                .orElse(Double.NEGATIVE_INFINITY);
    }

    private double[] scaledTop(double factor) {
        double edge = policyEdge();
        return IntStream.range(0, prior.length)
                .mapToDouble(i -> reward[i] >= edge ? factor * prior[i] : prior[i])
                .toArray();
    }

    private Weights normalised(double[] logLikelihood) {
        double most = Double.NEGATIVE_INFINITY; // measured from it, so that strong evidence does not swallow the prior
        for (int i = 0; i < prior.length; i++) {
            most = prior[i] > 0 ? Math.max(most, logLikelihood[i]) : most;
        }
        if (most == Double.NEGATIVE_INFINITY) {
            throw new NoPosteriorException(nothingFits());
        }
        double[] joint = new double[logLikelihood.length];
        for (int i = 0; i < joint.length; i++) {
            joint[i] = logLikelihood[i] - most + Math.log(prior[i]);
        }
        double logSum = LogMath.logSumExp(joint);
        double logZ = most + logSum;
        double[] logWeight = new double[joint.length];
        for (int i = 0; i < joint.length; i++) {
            logWeight[i] = logLikelihood[i] - most - logSum;
        }
        return new Weights(logWeight, logZ);
    }

    private String nothingFits() {
        DoubleSummaryStatistics seen = Arrays.stream(reward).summaryStatistics();
        return "no " + (draws == 0 ? "text" : "record") + " of prompt " + Words.quoted(prompt) + " fits the evidence '"
                + evidence.describe() + "': rewards there lie from " + Words.number(seen.getMin()) + " to "
                + Words.number(seen.getMax()) + ", and what the prior given it would write cannot be told from none";
    }

    private double divergence(Weights of) {
        double sum = 0;
        for (int i = 0; i < policy.length; i++) {
            if (policy[i] > 0) {
                sum += policy[i] * (logRatio[i] - of.logWeight[i]);
            }
        }
        return sum;
    }

    /**
     * The derivative of KL(π‖target) by each atom's prior mass through the target's log-likelihoods alone, by differences
     * over at most 48 ranges of the reward that hold equal prior mass; zeros where the log-likelihoods read the reward
     * alone.
     *
     * @return (atoms), nats
     */
    double[] influence(Weights at) {
        double[] influence = new double[prior.length];
        if (draws == 0 || !(divergence(at) < Double.POSITIVE_INFINITY)) {
            return influence;
        }
        int[] bin = bins();
        int count = Arrays.stream(bin).max().orElse(0) + 1;
        double[] mass = new double[count];
        for (int i = 0; i < bin.length; i++) {
            mass[bin[i]] += prior[i];
        }
        double[] slope = new double[count];
        double mean = 0;
        for (int b = 0; b < count; b++) {
            slope[b] = mass[b] > 0 ? slope(at, bin, b) / mass[b] : 0;
            mean += mass[b] * slope[b];
        }
        for (int i = 0; i < influence.length; i++) {
            influence[i] = prior[i] * (slope[bin[i]] - mean);
        }
        return influence;
    }

    private double slope(Weights at, int[] bin, int of) {
        double[] up = evidence.logLikelihoods(reward, scaledBin(bin, of, 1 + STEP));
        double[] down = evidence.logLikelihoods(reward, scaledBin(bin, of, 1 - STEP));
        double slope = 0;
        for (int i = 0; i < up.length; i++) {
            double change = (up[i] - down[i]) / (2 * STEP);
            if (Math.abs(change) < Double.POSITIVE_INFINITY) {
                slope += (prior[i] * Math.exp(at.logWeight[i]) - policy[i]) * change;
            }
        }
        return slope;
    }

    private double[] scaledBin(int[] bin, int of, double factor) {
        return IntStream.range(0, prior.length)
                .mapToDouble(i -> bin[i] == of ? factor * prior[i] : prior[i])
                .toArray();
    }

    /** Ranges of the reward that hold equal prior mass; equal rewards are in one. */
    private int[] bins() {
        Integer[] order = IntStream.range(0, reward.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> reward[i]));
        int[] bin = new int[reward.length];
        double below = 0;
        int current = 0;
        for (int k = 0; k < order.length; k++) {
            boolean starts = k == 0 || reward[order[k]] != reward[order[k - 1]];
            if (starts && below * BINS >= current + 1) {
                current++;
            }
            bin[order[k]] = current;
            below += prior[order[k]];
        }
        return bin;
    }
}
