package dev.credence.core.audit;

import static dev.credence.core.audit.Gate.Status.FAIL;
import static dev.credence.core.audit.Gate.Status.PASS;
import static dev.credence.core.audit.Gate.Status.WARN;

import dev.credence.core.probability.LogMath;
import java.io.Serializable;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether records of one text agree: two log-probabilities of one text under one model are further apart than rounding,
 * or texts recur more often than their own probabilities allow, as in a log that was written twice, or a sampler's that takes
 * up what it drew before.
 */
final class SameText {
    /** Scores that scatter by more than this, nats a text, are not of one model. */
    private static final double NOISE = 0.1;

    /** Scores whose scatter could be this share of the policy's move say nothing of it. */
    private static final double NOISE_SHARE = 0.1;

    /** A text is rare where a log of its size is expected to hold so many of it, or fewer. */
    static final double RARE = 0.1;

    /** Recurrences that the probabilities do not explain: so many, and so many errors more than expected, are no chance. */
    private static final double FEWEST = 12;

    private static final double FACTOR = 1.2;
    private static final double ERRORS = 5;

    /** Recurring records that make up this share of a log make its intervals too narrow. */
    private static final double DUPLICATES = 0.05;

    /** Each text is there an even number of times by chance in one log of a million. */
    private static final double EVEN = 6 * Math.log(10);

    private static final double ROUNDING = 1e-6; // of single precision, relative

    /** Rewards of one text that make up more of all rewards' variance bend every figure of the reward by about as much. */
    private static final double REWARD_NOISE = 0.01;

    private final PromptPool pool;
    private final Own all = new Own();
    private final String example;
    private final double rewardNoise; // share of the rewards' variance within texts

    /** What the records of one prompt say, or those of all. */
    static final class Own implements Serializable {
        private long repeated;
        private long contradicted;
        private long differing; // texts with more than one reward
        private String differs = "";
        private double farthest;
        private double recurring; // records of rare texts beyond a text's first
        private double expected; // as many as probabilities allow
        private double widest; // of one text's rewards
        private TextScores.RewardSpread spread = new TextScores.RewardSpread(0, 0);
        private final double[][] redrawn = new double[2][Redrawn.TRIED]; // of prior and policy
        private final Redrawn.Order[] orders = {new Redrawn.Order(), new Redrawn.Order()};
        private final WrittenAgain[] again = {new WrittenAgain(), new WrittenAgain()};
        private final double[] records = new double[2];
        private final double[] evenness = new double[2]; // minus the log of its probability, one text a prompt apart
        private final long[] odd = new long[2]; // texts that are there an odd number of times

        /** Of one prompt's records. */
        static Own of(Atoms atoms, TextScores scores) {
            Own own = new Own();
            own.compare(scores);
            own.compareRewards(atoms, scores);
            own.count(atoms, scores);
            own.spread = scores.rewardSpread();
            for (int source = 0; source < 2; source++) {
                own.orders[source].add(scores.order(source));
                own.again[source].add(scores.writtenAgain(source));
                System.arraycopy(scores.redrawn(source), 0, own.redrawn[source], 0, Redrawn.TRIED);
            }
            return own;
        }

        private void compare(TextScores scores) {
            for (int text = 0; text < scores.size(); text++) {
                repeated += scores.isRepeated(text) ? 1 : 0;
                if (scores.isContradicted(text)) {
                    contradicted++;
                    farthest = Math.max(farthest, scores.apart(text));
                }
            }
        }

        /** One text with two rewards: the audited reward is a function of the text, whatever noise a rater adds. */
        private void compareRewards(Atoms atoms, TextScores scores) {
            for (int text = 0; text < scores.size(); text++) {
                Intervals.Limits rewards = scores.rewards(text);
                if (rewards.width() > ROUNDING * Math.max(Math.abs(rewards.lower()), Math.abs(rewards.upper()))) {
                    differing++;
                    differs = rewards.width() <= widest
                            ? differs
                            : Gates.text(
                                    "in prompt %s the one with logp_prior %s has the rewards %s and %s",
                                    Words.quoted(atoms.prompt()),
                                    Double.toString(scores.logProbability(RolloutLog.PRIOR, text)),
                                    Words.apart(rewards.lower(), rewards.upper()),
                                    Words.apart(rewards.upper(), rewards.lower()));
                    widest = Math.max(widest, rewards.width());
                }
            }
        }

        private void count(Atoms atoms, TextScores scores) {
            boolean draws = atoms.keepsEveryDraw();
            for (int source = 0; source < 2 && draws; source++) {
                double n = atoms.records(source);
                records[source] += n;
                double likeliest = 0; // of even numbers the last text's is settled by the others'
                for (int text = 0; text < scores.size(); text++) {
                    int own = scores.records(source, text);
                    odd[source] += own % 2;
                    double p = Math.exp(Math.min(0, scores.logProbability(source, text)));
                    double even = own > 0 ? -Math.log(evenlySeen(n, p)) : 0;
                    evenness[source] += even;
                    likeliest = Math.max(likeliest, even);
                    int units = scores.units(source, text);
                    if (units > 0 && n * p <= RARE) {
                        recurring += units - 1;
                        expected += 0.5 * units * (n - 1) * p; // pairs, of which there are no fewer
                    }
                }
                evenness[source] -= likeliest;
            }
        }

        private void add(Own other) {
            repeated += other.repeated;
            contradicted += other.contradicted;
            differing += other.differing;
            differs = other.widest > widest ? other.differs : differs;
            widest = Math.max(widest, other.widest);
            farthest = Math.max(farthest, other.farthest);
            recurring += other.recurring;
            expected += other.expected;
            for (int source = 0; source < 2; source++) {
                records[source] += other.records[source];
                evenness[source] += other.evenness[source];
                odd[source] += other.odd[source];
                orders[source].add(other.orders[source]);
                again[source].add(other.again[source]);
                for (int k = 0; k < Redrawn.TRIED; k++) {
                    redrawn[source][k] += other.redrawn[source][k];
                }
            }
        }

        private boolean isWrittenTwice() {
            return isWrittenTwice(RolloutLog.PRIOR) || isWrittenTwice(RolloutLog.POLICY);
        }

        private boolean isWrittenTwice(int source) {
            return isInOrder(source) || (evenness[source] >= EVEN && odd[source] == 0);
        }

        private boolean isInOrder(int source) {
            return again[source].isCertain(EVEN);
        }

        /** How far a source's records are from independent draws, as logs of likelihood ratios. */
        private double[] redrawn(int source) {
            return orders[source].isSorted() ? Redrawn.withoutNeighbours(redrawn[source]) : redrawn[source];
        }
    }

    private SameText(PromptPool pool) {
        this.pool = pool;
        double within = 0;
        double between = 0;
        String farthest = "";
        for (int c = 0; c < pool.size(); c++) {
            TextSummary texts = pool.textSummary(c);
            if (texts != null) {
                Own own = texts.same();
                farthest = own.farthest > all.farthest
                        ? Words.quoted(pool.members().get(c).atoms().prompt())
                        : farthest;
                all.add(own);
                if (own.spread.within() >= 0) {
                    within += pool.weight(c) * own.spread.within();
                    between += pool.weight(c) * own.spread.all();
                }
            }
        }
        example = farthest;
        rewardNoise = within > 0 ? within / between : 0;
    }

    /** The gate of a pool with texts; {@code ids} are the findings there are. */
    static Gate of(PromptPool pool, Set<String> ids) {
        return new SameText(pool).gate(ids);
    }

    /** The probability that a text of probability p that n draws show is there an even number of times; at least a half. */
    private static double evenlySeen(double n, double p) {
        double none = Math.pow(1 - p, n);
        double even = 0.5 * (1 + Math.pow(1 - 2 * p, n));
        return none < 1 ? Math.max(0.5, Math.min(1, (even - none) / (1 - none))) : 0.5;
    }

    /** How far the likelier source's records are from independent draws, as a log likelihood ratio. */
    private double redrawnGrowth() {
        return Math.max(LogMath.logMeanExp(all.redrawn(0)), LogMath.logMeanExp(all.redrawn(1)));
    }

    private Gate gate(Set<String> ids) {
        ScoringNoise noise = ScoringNoise.of(pool);
        double kl = pool.mean(m -> m.moments().klPolicyPrior());
        boolean twoScores = all.contradicted > 0;
        boolean notOneModel = twoScores
                && !(all.farthest < Double.POSITIVE_INFINITY
                        && noise.larger() <= NOISE
                        && 0.5 * noise.ratioVariance() <= NOISE_SHARE * Math.max(0, kl));
        boolean recurs = all.recurring > FEWEST + FACTOR * all.expected + ERRORS * Math.sqrt(all.expected);
        boolean many = all.recurring - all.expected > DUPLICATES * (all.records[0] + all.records[1]);
        boolean twice = all.isWrittenTwice();
        boolean again = SafeTest.isImpossible(redrawnGrowth(), 2);
        if (!twoScores && !recurs && !twice && !again && all.differing == 0) {
            return new Gate("same_text", PASS, 0, "records of one text agree", List.of());
        }
        boolean few = recurs && !many; // lines that were written again by mistake, which hardly weigh
        boolean every = notOneModel || twice || (again && !few) || (recurs && many);
        boolean noReward = all.differing > 0 && rewardNoise > REWARD_NOISE;
        boolean fails = every || noReward;
        Set<String> withdraws = new LinkedHashSet<>(fails ? ids : Set.of());
        withdraws.removeIf(id -> id.startsWith("diversity.") || !(every || Withdrawals.isOfReward(id)));
        return new Gate(
                "same_text",
                fails ? FAIL : WARN,
                twoScores
                        ? all.contradicted
                        : recurs
                                ? all.recurring
                                : twice
                                        ? all.again[0].records() + all.again[1].records()
                                        : again ? SafeTest.errors(redrawnGrowth()) : all.differing,
                reason(twoScores, noise, recurs, twice, again),
                List.copyOf(withdraws));
    }

    private String reason(boolean twoScores, ScoringNoise noise, boolean recurs, boolean twice, boolean again) {
        StringBuilder reason = new StringBuilder();
        if (twoScores) {
            reason.append(Gates.text(
                    "%d of %d texts that were scored more than once have log-probabilities under one model up to %.3g nats a"
                            + " token apart (most in prompt %s; %.3g nats a text): scores of two models, engines or"
                            + " precisions, or of other tokens?",
                    all.contradicted, all.repeated, all.farthest, example, noise.larger()));
        }
        if (recurs || twice) {
            reason.append(reason.isEmpty() ? "" : "; ");
            reason.append(
                    twice
                            ? all.isInOrder(RolloutLog.PRIOR) || all.isInOrder(RolloutLog.POLICY)
                                    ? "every text of a source comes again in the same order: a log that was written twice?"
                                    : "every text of a source is there an even number of times: a log that was written twice?"
                            : Gates.text(
                                    "%.0f records repeat texts so rare that %.1f repetitions are expected: lines that were"
                                            + " written twice, or draws of a lower temperature or a truncated sampler?",
                                    all.recurring, all.expected));
        }
        if (again && !recurs && !twice) {
            reason.append(reason.isEmpty() ? "" : "; ");
            reason.append(Gates.text(
                    "the %s's texts recur more unevenly than independent draws do (%s standard errors, 4.5 allowed): draws that"
                            + " were written again, a sampler that takes up what it drew before (a cache), draws that belong"
                            + " together (the field group), or other probabilities than those it was scored with?",
                    LogMath.logMeanExp(all.redrawn(0)) > LogMath.logMeanExp(all.redrawn(1)) ? "prior" : "policy",
                    Words.number(SafeTest.errors(redrawnGrowth()))));
        }
        if (all.differing > 0) {
            reason.append(reason.isEmpty() ? "" : "; ");
            reason.append(Gates.text(
                    "%d of %d texts that recur have more than one reward (%s): a conditional is of a reward that the text"
                            + " settles; average a noisy one, take raw ones rather than such as depend on other records"
                            + " (advantages, standardised rewards), or see whether rewards went to other texts%s",
                    all.differing,
                    all.repeated,
                    all.differs,
                    rewardNoise > REWARD_NOISE
                            ? Gates.text(
                                    "; they make up %s %% of the rewards' variance (at most 1 for figures of the reward)",
                                    Words.number(100 * rewardNoise))
                            : ""));
        }
        return reason.toString();
    }
}
