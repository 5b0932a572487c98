package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.methods.Aim;
import dev.credence.methods.Completions;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Selection;
import java.util.List;

/**
 * Expert iteration: select among the policy's own texts, imitate, repeat. A soft filter that accepts with probability a(x)
 * makes n rounds n copies; best-of-n rounds n^rounds; the top share q rounds q^rounds (docs/theory.md#expert-iteration). With a share
 * of the prior's texts mixed in it tends to a rational fixed point, which is no posterior.
 */
public final class ExpertIterationMethod extends ImitationMethod {
    private static final MethodOption ROUNDS =
            new MethodOption("rounds", "", "how often; without it 5, or, with a prior share, to the fixed point");
    private static final MethodOption N = new MethodOption("n", "", "select the best of n instead of by a soft filter");
    private static final MethodOption Q =
            new MethodOption("q", "", "select the best share q instead of by a soft filter");
    private static final MethodOption PRIOR_SHARE =
            new MethodOption("prior-share", "0", "share of the prior's own texts in every round's data, in [0, 1)");
    private static final MethodOption BETA = new MethodOption(
            "beta",
            "1",
            "KL coefficient of a round; its soft filter is 1/beta copies of the reward, 0 keeps the best alone");
    private static final int STANDARD_ROUNDS = 5;

    /** Without state. */
    public ExpertIterationMethod() {}

    @Override
    MethodCard own() {
        return new MethodCard(
                "expert-iteration",
                List.of("raft"),
                "select among the policy's own texts, imitate them, repeat; the soft filter accepts with the reward"
                        + " (a probability), its exponential (a log-probability), else e^((r - r_max)/beta)",
                "Anthony, Tian and Barber 2017; Dong et al. 2023 (RAFT); docs/theory.md#expert-iteration",
                List.of(ROUNDS, BETA, N, Q, PRIOR_SHARE));
    }

    @Override
    public Aim aim(MethodOptions options) {
        double share = priorShare(options);
        if (share > 0) {
            return Aim.atNoPosterior(
                            "a soft filter against a prior share of " + share,
                            Aim.FORWARD,
                            "with prior texts mixed in, the fixed point s*prior/(1 - (1 - s) a/mean a) is rational in the acceptance"
                                    + " a; no number of copies gives it")
                    .tendingTo((prior, reward) -> prior.map((prompt, texts) ->
                            plan(options).exact(Completions.of(prompt, texts, reward), card().name(), prompt)));
        }
        return Aim.at(select(options), Aim.FORWARD);
    }

    @Override
    ImitationPlan plan(MethodOptions options) {
        double share = priorShare(options);
        requireOneFilter(options);
        int rounds = share > 0 && !options.has(ROUNDS.name()) ? ImitationPlan.ENDLESS : rounds(options);
        return new ImitationPlan(selection(options), rounds, share);
    }

    private static Selection selection(MethodOptions options) {
        if (options.has(N.name())) {
            return Selection.bestOf(options.count(N));
        }
        return options.has(Q.name())
                ? Selection.bestShare(options.share(Q))
                : Selection.softly(options.rewardType(), options.copies(BETA));
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
            case LOGIT, SCORE -> RewardLikelihood.tilt(rounds * options.copies(BETA));
        };
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
