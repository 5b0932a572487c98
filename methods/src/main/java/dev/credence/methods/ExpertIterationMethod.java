package dev.credence.methods;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import java.util.List;

/**
 * Expert iteration: select among the policy's own texts, imitate, repeat. A soft filter that accepts with probability a(x)
 * makes n rounds n copies; best-of-n rounds n^rounds; the top share q rounds q^rounds (THEORY section 4, T9). With a share
 * of the prior's texts mixed in it tends to a rational fixed point, which is no posterior.
 */
public final class ExpertIterationMethod extends TableConditioner {
    private static final MethodOption ROUNDS =
            new MethodOption("rounds", "", "how often; without it 5, or, with a prior share, to the fixed point");
    private static final MethodOption N = new MethodOption("n", "", "select the best of n instead of by a soft filter");
    private static final MethodOption Q =
            new MethodOption("q", "", "select the best share q instead of by a soft filter");
    private static final MethodOption PRIOR_SHARE =
            new MethodOption("prior-share", "0", "share of the prior's own texts in every round's data, in [0, 1)");
    private static final int STANDARD_ROUNDS = 5;

    /** Without state. */
    public ExpertIterationMethod() {}

    @Override
    public MethodCard card() {
        return new MethodCard(
                "expert-iteration",
                List.of("raft"),
                "select among the policy's own texts, imitate them, repeat; the soft filter accepts with the reward"
                        + " (a probability), its exponential (a log-probability), else e^((r - r_max)/beta)",
                "THEORY section 4, T9",
                List.of(ROUNDS, Options.BETA, N, Q, PRIOR_SHARE));
    }

    @Override
    public Aim aim(MethodOptions options) {
        double share = priorShare(options);
        if (share > 0) {
            return Aim.atNoPosterior(
                    "a soft filter against a prior share of " + share,
                    Aim.FORWARD,
                    "with prior texts mixed in, the fixed point s*prior/(1 - (1 - s) a/mean a) is rational in the acceptance"
                            + " a; no number of copies gives it");
        }
        return Aim.at(select(options), Aim.FORWARD);
    }

    @Override
    double[] policy(Completions completions, MethodOptions options) {
        double share = priorShare(options);
        if (share > 0 && !options.has(ROUNDS.name())) {
            return PriorMixing.fixedPoint(completions.priorMasses(), acceptance(completions, options), share);
        }
        double[] prior = completions.priorMasses();
        return Rounds.apply(completions, rounds(options), step -> mix(prior, share, step(step, options)));
    }

    private RewardLikelihood select(MethodOptions options) {
        int rounds = rounds(options);
        requireOneFilter(options);
        if (options.has(N.name())) {
            return RewardLikelihood.beats(options.count(N)).rounds(rounds);
        }
        if (options.has(Q.name())) {
            return RewardLikelihood.topQuantile(options.share(Q)).rounds(rounds);
        }
        return switch (options.rewardType()) {
            case PROBABILITY -> RewardLikelihood.copies(rounds);
            case LOG_PROBABILITY -> RewardLikelihood.tilt(rounds);
            case LOGIT, SCORE -> RewardLikelihood.tilt(rounds * options.copies(Options.BETA));
        };
    }

    private static double[] step(Completions completions, MethodOptions options) {
        requireOneFilter(options);
        if (options.has(N.name())) {
            return BestOfNMethod.bestOf(completions, options.count(N));
        }
        if (options.has(Q.name())) {
            return QuantilizerMethod.best(completions, options.share(Q));
        }
        double[] policy = acceptance(completions, options);
        for (int i = 0; i < policy.length; i++) {
            policy[i] *= completions.prior(i);
        }
        return policy;
    }

    private static double[] acceptance(Completions completions, MethodOptions options) {
        double[] acceptance = new double[completions.size()];
        boolean probability = options.rewardType() == RewardType.PROBABILITY;
        boolean logProbability = options.rewardType() == RewardType.LOG_PROBABILITY;
        for (int i = 0; i < acceptance.length; i++) {
            double r = completions.reward(i);
            if (probability || logProbability) {
                acceptance[i] = probability ? r : Math.exp(r);
                if (!(acceptance[i] >= 0 && acceptance[i] <= 1)) {
                    throw new IllegalArgumentException("reward of '" + completions.text(i) + "' is " + r + "; as a "
                            + (probability ? "probability it must be in [0, 1]" : "log-probability it must be <= 0"));
                }
            } else {
                acceptance[i] = RejectionMethod.acceptance(completions, i, options);
            }
        }
        return acceptance;
    }

    private static double[] mix(double[] prior, double share, double[] selected) {
        double sum = 0;
        for (double weight : selected) {
            sum += weight;
        }
        if (share == 0 || sum == 0) {
            return selected;
        }
        double[] mixed = new double[prior.length];
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = share * prior[i] + (1 - share) * selected[i] / sum;
        }
        return mixed;
    }

    private static int rounds(MethodOptions options) {
        return options.has(ROUNDS.name()) ? options.count(ROUNDS) : STANDARD_ROUNDS;
    }

    private static double priorShare(MethodOptions options) {
        double share = options.number(PRIOR_SHARE);
        if (!(share >= 0 && share < 1)) {
            throw options.refuse(PRIOR_SHARE, "it must be in [0, 1)");
        }
        if (share > 0 && (options.has(N.name()) || options.has(Q.name()))) {
            throw options.refuse(PRIOR_SHARE, "a prior share goes with the soft filter alone, not with --n or --q");
        }
        return share;
    }

    private static void requireOneFilter(MethodOptions options) {
        if (options.has(N.name()) && options.has(Q.name())) {
            throw options.refuse(N, "give --n or --q, not both");
        }
    }
}
