package dev.credence.bench.coverage;

import dev.credence.bench.coverage.World.Table;
import dev.credence.core.training.ResumableRandom;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Builds one prompt of the adversarial suite: a prior, rewards, and log-ratios that the suite bends. */
final class VerdictWorlds {
    private static final double NOTHING = 1e-9; // of its own mass

    private final ResumableRandom random; // of its own, so that a world is a function of its seed
    private final double[] prior; // (texts)
    private final double[] reward; // (texts)
    private final double[] logRatio; // (texts), up to a constant

    private VerdictWorlds(int texts, RandomGenerator random) {
        this.random = new ResumableRandom(random.nextLong());
        this.prior = new double[texts];
        this.reward = new double[texts];
        this.logRatio = new double[texts];
        for (int i = 0; i < texts; i++) {
            prior[i] = Math.exp(1.5 * this.random.nextGaussian());
        }
    }

    /** Texts with a log-normal prior and nothing moved. */
    static VerdictWorlds of(int texts, RandomGenerator random) {
        return new VerdictWorlds(texts, random);
    }

    /** Rewards among evenly spaced levels from 0 to 1, the higher the rarer. */
    VerdictWorlds levels(int levels) {
        for (int i = 0; i < reward.length; i++) {
            double uniform = random.nextDouble();
            reward[i] = Math.floor(levels * uniform * uniform) / (levels - 1);
        }
        reward[0] = 0;
        reward[1] = 1;
        return this;
    }

    VerdictWorlds normal() {
        Arrays.setAll(reward, i -> random.nextGaussian());
        return this;
    }

    VerdictWorlds exponential() {
        Arrays.setAll(reward, i -> -Math.log(1 - random.nextDouble()));
        return this;
    }

    VerdictWorlds constant(double value) {
        Arrays.fill(reward, value);
        return this;
    }

    VerdictWorlds tilt(double copies) {
        for (int i = 0; i < reward.length; i++) {
            logRatio[i] += copies * reward[i];
        }
        return this;
    }

    /** Tilts by another reward, whose correlation with this one is given. */
    VerdictWorlds tiltByAnother(double copies, double correlation) {
        double rest = Math.sqrt(1 - correlation * correlation);
        for (int i = 0; i < reward.length; i++) {
            logRatio[i] += copies * (correlation * reward[i] + rest * random.nextGaussian());
        }
        return this;
    }

    VerdictWorlds noise(double deviation) {
        return noiseFrom(Double.NEGATIVE_INFINITY, deviation);
    }

    /** Noise on the texts with a reward of at least so much. */
    VerdictWorlds noiseFrom(double least, double deviation) {
        for (int i = 0; i < reward.length; i++) {
            logRatio[i] += reward[i] >= least ? deviation * random.nextGaussian() : 0;
        }
        return this;
    }

    /** As much up as down, by a coin. */
    VerdictWorlds cancelling(double size) {
        for (int i = 0; i < reward.length; i++) {
            logRatio[i] += random.nextBoolean() ? size : -size;
        }
        return this;
    }

    /** Gives the last tenth of the texts a share of the prior's mass and a reward. */
    VerdictWorlds family(double mass, double itsReward) {
        int from = from();
        double others = Arrays.stream(prior, 0, from).sum();
        double own = Arrays.stream(prior, from, prior.length).sum();
        for (int i = from; i < prior.length; i++) {
            prior[i] *= others * mass / ((1 - mass) * own);
            reward[i] = itsReward;
        }
        return this;
    }

    private int from() {
        return prior.length - Math.max(1, prior.length / 10);
    }

    /** Lowers the log-ratio of that family. */
    VerdictWorlds drop(double nats) {
        for (int i = from(); i < prior.length; i++) {
            logRatio[i] -= nats;
        }
        return this;
    }

    /** Gives the last tenth of the texts next to nothing of the prior's mass, and this share of the policy's. */
    VerdictWorlds alone(double mass) {
        int from = from();
        double own = Arrays.stream(prior, from, prior.length).sum();
        double others = 0;
        for (int i = 0; i < from; i++) {
            others += prior[i] * Math.exp(logRatio[i]);
        }
        for (int i = from; i < prior.length; i++) {
            double share = prior[i] / own;
            prior[i] *= NOTHING * mass;
            logRatio[i] = Math.log(others * mass / (1 - mass) * share / prior[i]);
        }
        return this;
    }

    /** Raises the texts of one reward. */
    VerdictWorlds bonus(double ofReward, double nats) {
        for (int i = 0; i < reward.length; i++) {
            logRatio[i] += reward[i] == ofReward ? nats : 0;
        }
        return this;
    }

    /** Raises a text by so many nats a token. */
    VerdictWorlds longer(double nats) {
        for (int i = 0; i < reward.length; i++) {
            logRatio[i] += nats * VerdictCase.tokens(i);
        }
        return this;
    }

    /** Half of each of two tilts. */
    VerdictWorlds mixed(double copies, double others) {
        double total = Arrays.stream(prior).sum();
        double one = 0;
        double other = 0;
        for (int i = 0; i < reward.length; i++) {
            one += prior[i] / total * Math.exp(copies * reward[i]);
            other += prior[i] / total * Math.exp(others * reward[i]);
        }
        for (int i = 0; i < reward.length; i++) {
            logRatio[i] += Math.log(Math.exp(copies * reward[i]) / one + Math.exp(others * reward[i]) / other);
        }
        return this;
    }

    VerdictWorlds sharpen(double temperature) {
        for (int i = 0; i < reward.length; i++) {
            logRatio[i] = (Math.log(prior[i]) + logRatio[i]) / temperature - Math.log(prior[i]);
        }
        return this;
    }

    /** Tilts back until the policy's mean reward is the prior's. */
    VerdictWorlds withoutGain() {
        double priorTotal = Arrays.stream(prior).sum();
        double wanted = 0;
        for (int i = 0; i < reward.length; i++) {
            wanted += prior[i] / priorTotal * reward[i];
        }
        double low = -50;
        double high = 50;
        for (int k = 0; k < 100; k++) {
            double middle = 0.5 * (low + high);
            if (meanReward(middle) < wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return tilt(0.5 * (low + high));
    }

    private double meanReward(double copies) {
        double sum = 0;
        double mean = 0;
        for (int i = 0; i < reward.length; i++) {
            double weight = prior[i] * Math.exp(logRatio[i] + copies * reward[i]);
            sum += weight;
            mean += weight * reward[i];
        }
        return mean / sum;
    }

    Table table() {
        double largest = Arrays.stream(logRatio).max().orElseThrow();
        double[] policy = new double[prior.length];
        Arrays.setAll(policy, i -> prior[i] * Math.exp(logRatio[i] - largest));
        return new Table(prior, policy, reward);
    }

    /** The table of a policy that is sampled at another temperature. */
    static Table heated(Table table, double temperature) {
        return new Table(
                table.prior(),
                Arrays.stream(table.policy())
                        .map(p -> Math.pow(p, 1 / temperature))
                        .toArray(),
                table.reward());
    }

    /** Both models' texts with those left out that are longer. */
    static Table shortened(Table table, int longest) {
        double[] prior = table.prior().clone();
        double[] policy = table.policy().clone();
        for (int i = 0; i < prior.length; i++) {
            prior[i] = VerdictCase.tokens(i) > longest ? 0 : prior[i];
            policy[i] = VerdictCase.tokens(i) > longest ? 0 : policy[i];
        }
        return new Table(prior, policy, table.reward());
    }

    /** The table of a policy that is sampled among its largest texts alone. */
    static Table truncated(Table table, double kept) {
        double[] sorted = Arrays.stream(table.policy()).sorted().toArray();
        double least = sorted[(int) ((1 - kept) * sorted.length)];
        return new Table(
                table.prior(),
                Arrays.stream(table.policy()).map(p -> p >= least ? p : 0).toArray(),
                table.reward());
    }
}
