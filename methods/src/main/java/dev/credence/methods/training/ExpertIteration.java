package dev.credence.methods.training;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.methods.Completions;
import dev.credence.methods.MethodCard;
import dev.credence.methods.Range;
import dev.credence.methods.Selection;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Expert iteration: select among the policy's own texts, imitate, repeat. A soft filter that accepts with probability a(x)
 * makes n rounds n copies; best-of-n rounds n^rounds; the top share q rounds q^rounds (docs/theory.md#expert-iteration). With a share
 * of the prior's texts mixed in it tends to a rational fixed point, which is no posterior.
 *
 * @param rounds how often; empty for 5, or, with a prior share, to the fixed point
 * @param beta KL coefficient β of a round, whose soft filter is 1/β copies
 * @param n select the best of n; empty for another filter
 * @param q select the best share q; empty for another filter
 * @param priorShare share of the prior's own texts in every round's data
 * @param imitation how texts are imitated
 */
public record ExpertIteration(
        @Setting(
                help = "how often; without it 5, or, with a prior share, to the fixed point",
                unit = "rounds",
                range = Range.COUNT)
        OptionalInt rounds,

        @Setting(
                help =
                        "KL coefficient of a round; its soft filter is 1/beta copies of the reward, 0 keeps the best alone",
                range = Range.COEFFICIENT)
        double beta,

        @Setting(help = "select the best of n instead of by a soft filter", unit = "draws", range = Range.COUNT)
        OptionalInt n,

        @Setting(help = "select the best share q instead of by a soft filter", range = Range.SHARE)
        OptionalDouble q,

        @Setting(help = "share of the prior's own texts in every round's data, in [0, 1)", range = Range.PART)
        double priorShare,

        ImitationSettings imitation)
        implements ImitationMethod<ExpertIteration> {
    private static final int STANDARD_ROUNDS = 5;

    /**
     * Checks the settings.
     *
     * @param rounds at least 1
     * @param beta at least 0
     * @param n at least 1; not with q
     * @param q in (0, 1]; not with n
     * @param priorShare in [0, 1); above 0 with the soft filter alone
     * @param imitation any
     */
    public ExpertIteration {
        Settings.check(ExpertIteration.class, rounds, beta, n, q, priorShare, imitation);
        if (priorShare > 0 && (n.isPresent() || q.isPresent())) {
            throw InputException.ofSetting(
                    "prior-share",
                    Settings.word(priorShare),
                    "a prior share goes with the soft filter alone, not with n or q");
        }
        if (n.isPresent() && q.isPresent()) {
            throw InputException.ofSetting("n", Settings.word(n), "give n or q, not both");
        }
    }

    /** Five rounds of a soft filter, each one copy. */
    public ExpertIteration() {
        this(OptionalInt.empty(), 1, OptionalInt.empty(), OptionalDouble.empty(), 0, ImitationSettings.STANDARD);
    }

    /**
     * Rounds of a soft filter.
     *
     * @param beta KL coefficient of a round, at least 0
     * @return five rounds
     */
    public static ExpertIteration softly(double beta) {
        return new ExpertIteration().with("beta", beta);
    }

    /**
     * Rounds of best-of-n.
     *
     * @param n at least 1
     * @return five rounds
     */
    public static ExpertIteration bestOf(int n) {
        return new ExpertIteration().with("n", OptionalInt.of(n));
    }

    /**
     * Rounds of the best share.
     *
     * @param q in (0, 1]
     * @return five rounds
     */
    public static ExpertIteration bestShare(double q) {
        return new ExpertIteration().with("q", OptionalDouble.of(q));
    }

    private ExpertIteration with(String component, Object value) {
        return Settings.of(ExpertIteration.class).with(this, component, value);
    }

    /**
     * So often.
     *
     * @param times at least 1
     * @return a changed copy
     */
    public ExpertIteration rounds(int times) {
        return with("rounds", OptionalInt.of(times));
    }

    /**
     * With the prior's own texts in every round's data.
     *
     * @param share theirs, in [0, 1)
     * @return a changed copy
     */
    public ExpertIteration priorShare(double share) {
        return with("priorShare", share);
    }

    @Override
    public ExpertIteration imitating(ImitationSettings settings) {
        return new ExpertIteration(rounds, beta, n, q, priorShare, settings);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                        new ExpertIteration(),
                        "expert-iteration",
                        "select among the policy's own texts, imitate them, repeat; the soft filter accepts with the reward"
                                + " (a probability), its exponential (a log-probability), else e^((r - r_max)/beta)",
                        "Anthony, Tian and Barber 2017; Dong et al. 2023 (RAFT); docs/theory.md#expert-iteration")
                .alias("raft");
    }

    @Override
    public Aim aim(RewardType type) {
        if (priorShare > 0) {
            return Aim.atNoPosterior(
                            "a soft filter against a prior share of " + priorShare,
                            Aim.FORWARD,
                            "with prior texts mixed in, the fixed point s*prior/(1 - (1 - s) a/mean a) is rational in the acceptance"
                                    + " a; no number of copies gives it")
                    .tendingTo((prior, reward) -> limit(prior, reward, type));
        }
        return Aim.at(filtered(type), Aim.FORWARD);
    }

    private TableModel limit(TableModel prior, RewardFunction reward, RewardType type) {
        Evidence asked = Evidence.reward(reward, type).times(1);
        return prior.map(
                (prompt, texts) -> plan(type).exact(Completions.of(prompt, texts, asked), card().name(), prompt));
    }

    private RewardLikelihood filtered(RewardType type) {
        int times = rounds.orElse(STANDARD_ROUNDS);
        if (n.isPresent()) {
            return RewardLikelihood.beats(n.getAsInt()).rounds(times);
        }
        if (q.isPresent()) {
            return RewardLikelihood.topQuantile(q.getAsDouble()).rounds(times);
        }
        return switch (type) {
            case PROBABILITY -> RewardLikelihood.copies(times);
            case LOG_PROBABILITY -> RewardLikelihood.tilt(times);
            case LOGIT, SCORE -> RewardLikelihood.tilt(times * copies());
        };
    }

    private double copies() {
        return 1 / Math.abs(beta); // −0 is 0
    }

    @Override
    public ImitationPlan plan(RewardType type) {
        boolean endless = priorShare > 0 && rounds.isEmpty();
        return new ImitationPlan(
                selection(type), endless ? ImitationPlan.ENDLESS : rounds.orElse(STANDARD_ROUNDS), priorShare);
    }

    private Selection selection(RewardType type) {
        if (n.isPresent()) {
            return Selection.bestOf(n.getAsInt());
        }
        return q.isPresent() ? Selection.bestShare(q.getAsDouble()) : Selection.softly(type, copies());
    }
}
