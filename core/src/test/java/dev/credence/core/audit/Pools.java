package dev.credence.core.audit;

import dev.credence.core.TestWorlds;
import dev.credence.core.probability.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Small pools of exact tables, and the sums of their tilts taken naively. */
final class Pools {
    private Pools() {}

    /** One prompt of weight one that asks for so many copies (NaN for nothing). */
    static PromptPool table(double[] prior, double[] policy, double[] reward, double asked) {
        return new PromptPool(List.of(member("q", 1, prior, policy, reward, asked)));
    }

    static PromptAtoms member(
            String prompt, double weight, double[] prior, double[] policy, double[] reward, double asked) {
        return PromptAtoms.of(
                new TableAtoms(
                        prompt,
                        weight,
                        TestWorlds.distribution(prior),
                        TestWorlds.distribution(policy),
                        TestWorlds.reward(reward)),
                asked);
    }

    /** Prompts of weights 1, 2, …; the policy is the prior with so much noise on its log-probabilities. */
    static PromptPool random(long seed, int prompts, double noise) {
        RandomGenerator random = new SplittableRandom(seed);
        List<PromptAtoms> members = new ArrayList<>();
        for (int c = 0; c < prompts; c++) {
            int n = 3 + random.nextInt(4);
            double[] prior = new double[n];
            double[] policy = new double[n];
            double[] reward = new double[n];
            List<String> names = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                names.add(String.valueOf((char) ('a' + i)));
                prior[i] = random.nextGaussian();
                policy[i] = prior[i] + noise * random.nextGaussian();
                reward[i] = 2 * random.nextGaussian();
            }
            members.add(PromptAtoms.of(
                    new TableAtoms(
                            "p" + c,
                            1 + c,
                            Distribution.ofLogWeights(names, prior),
                            Distribution.ofLogWeights(names, policy),
                            TestWorlds.reward(reward)),
                    Double.NaN));
        }
        return new PromptPool(members);
    }

    /** Σ ω Σ w̄ r at λ. */
    static double meanReward(PromptPool pool, double lambda) {
        return pool.mean(member -> moments(member, lambda)[0]);
    }

    /** Σ ω Σ v̄ r. */
    static double policyReward(PromptPool pool) {
        return pool.mean(member -> {
            double[] mean = new double[1];
            member.atoms().forEachBlock(block -> {
                for (int i = 0; i < block.count; i++) {
                    mean[0] += block.v[i] * block.reward[i];
                }
            });
            return mean[0];
        });
    }

    /** Σ ω Cov_w̄(r, ℓ − λr). */
    static double excess(PromptPool pool, double lambda) {
        return pool.mean(member -> moments(member, lambda)[1]);
    }

    /** Mean of r, and covariance of r with ℓ − λr, under the tilt at λ. */
    private static double[] moments(PromptAtoms member, double lambda) {
        double[] sums = new double[4]; // of w, w r, w e, w r e with e = ℓ − λ r
        double most = Math.max(
                lambda * member.moments().maxReward(), lambda * member.moments().minReward());
        double reference =
                lambda >= 0 ? member.moments().maxReward() : member.moments().minReward();
        double[] top = {0};
        member.atoms().forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                top[0] = block.reward[i] == reference ? block.logRatio[i] - lambda * reference : top[0];
            }
        });
        member.atoms().forEachBlock(block -> {
            for (int i = 0; i < block.count; i++) {
                double w = block.u[i] * Math.exp(lambda * block.reward[i] - most);
                double r = block.reward[i] - reference; // about the likeliest, which keeps the digits
                double e = block.logRatio[i] - lambda * block.reward[i] - top[0];
                sums[0] += w;
                sums[1] += w * r;
                sums[2] += w * e;
                sums[3] += w * r * e;
            }
        });
        double mean = sums[1] / sums[0];
        return new double[] {reference + mean, sums[3] / sums[0] - mean * sums[2] / sums[0]};
    }
}
