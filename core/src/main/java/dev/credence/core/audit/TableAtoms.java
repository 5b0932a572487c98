package dev.credence.core.audit;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import org.jspecify.annotations.Nullable;

/** The outcomes of one prompt of an exact table as atoms; the masses are the probabilities themselves. */
final class TableAtoms extends Atoms {
    private final double[] logPrior;
    private final double[] logPolicy;
    private final double[] reward;
    private final double massOutsidePrior;
    private final int @Nullable [] tokens; // null where outcomes are names

    /** Outcomes that the prior cannot produce are left out; what the policy gives them is {@link #massOutsidePrior()}. */
    TableAtoms(String prompt, double weight, Distribution prior, Distribution policy, RewardFunction reward) {
        super(prompt, weight);
        int[] possible = java.util.stream.IntStream.range(0, prior.size())
                .filter(i -> prior.probability(i) > 0)
                .toArray();
        this.tokens = null;
        this.logPrior = new double[possible.length];
        this.logPolicy = new double[possible.length];
        this.reward = new double[possible.length];
        for (int k = 0; k < possible.length; k++) {
            String outcome = prior.outcome(possible[k]);
            int other = policy.indexOf(outcome);
            logPrior[k] = prior.logProbability(possible[k]);
            logPolicy[k] = other < 0 ? Double.NEGATIVE_INFINITY : policy.logProbability(other);
            this.reward[k] = reward.reward(prompt, outcome);
            if (!(Math.abs(this.reward[k]) < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("reward of outcome '" + outcome + "' of prompt '" + prompt + "' is "
                        + this.reward[k] + "; it must be finite");
            }
        }
        double outside = 0;
        for (int i = 0; i < policy.size(); i++) {
            outside += prior.probability(policy.outcome(i)) > 0 ? 0 : policy.probability(i);
        }
        this.massOutsidePrior = outside;
        normalise();
    }

    /** Outcomes that are columns already. */
    TableAtoms(ExactPrompt prompt, int rewardIndex) {
        super(prompt.text(), prompt.weight());
        this.logPrior = prompt.logPrior();
        this.logPolicy = prompt.logPolicy();
        this.reward = prompt.rewards()[rewardIndex];
        this.tokens = prompt.tokens();
        this.massOutsidePrior = 0;
        normalise();
    }

    @Override
    int size() {
        return reward.length;
    }

    @Override
    int strata() {
        return 0;
    }

    @Override
    int records(int stratum) {
        throw new IllegalArgumentException("a table has no strata");
    }

    @Override
    boolean hasUnits() {
        return false;
    }

    @Override
    boolean startsUnit(int position) {
        return true;
    }

    @Override
    void loadRaw(int start, AtomBlock block) {
        System.arraycopy(logPrior, start, block.logPrior, 0, block.count);
        System.arraycopy(logPolicy, start, block.logPolicy, 0, block.count);
        System.arraycopy(reward, start, block.reward, 0, block.count);
        for (int i = 0; i < block.count; i++) {
            block.u[i] = Math.exp(block.logPrior[i]);
            block.v[i] = Math.exp(block.logPolicy[i]);
            block.logRatio[i] = block.logPolicy[i] - block.logPrior[i];
            block.tokens[i] = tokens == null ? 0 : tokens[start + i];
        }
    }

    @Override
    double reward(int position) {
        return reward[position];
    }

    @Override
    boolean hasTokens() {
        return tokens != null;
    }

    @Override
    double massOutsidePrior() {
        return massOutsidePrior;
    }
}
