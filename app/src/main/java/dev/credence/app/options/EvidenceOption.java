package dev.credence.app.options;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.EvidenceExpression;
import dev.credence.lab.posteriors.PosteriorQuestion;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The evidence that a user names, and how often it was seen. */
public final class EvidenceOption {
    /** How evidence is written. */
    public static final String SYNTAX = "a reward's name, probability:NAME, level:X, at-least:X, range:LOW,HIGH,"
            + " top:SHARE, beats:N, pool:K, raters:N (each of another reward with ' of REWARD'), prompt:TEXT, or an"
            + " event such as contains:TEXT or regex:PATTERN; with N* before it N copies, with ' and ' several"
            + " together.";

    @Mixin
    private RewardOptions question = new RewardOptions();

    @Option(names = "--copies", paramLabel = "N", description = "Copies of the evidence, any real number (default 1).")
    private @Nullable Double copies;

    @Option(
            names = "--evidence",
            paramLabel = "EVIDENCE",
            description = "What was observed: " + SYNTAX + " By default the reward itself, as a log-likelihood.")
    private @Nullable String evidence;

    /** For the parser, which fills the fields. */
    public EvidenceOption() {}

    /** {@return whether anything is: without an option one copy of the only reward is meant} */
    public boolean isGiven() {
        return evidence != null || copies != null || question.beta() != null || question.reward() != null;
    }

    /** {@return what is asked} */
    public PosteriorQuestion question() {
        EvidenceExpression one = evidence == null ? EvidenceExpression.ofReward() : EvidenceExpression.parse(evidence);
        return new PosteriorQuestion(strong(one), question.reward());
    }

    /** {@return what the reward is} */
    public RewardType rewardType() {
        return question.rewardType();
    }

    private EvidenceExpression strong(EvidenceExpression one) {
        Double beta = question.beta();
        if (beta != null && copies != null) {
            throw InputException.ofSetting("copies", String.valueOf(copies), "give --beta or --copies, not both");
        }
        if (beta != null) {
            return one.atKl(beta);
        }
        double n = copies == null ? 1 : copies;
        if (!(Math.abs(n) < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("copies", String.valueOf(n), "it must be a finite number");
        }
        return one.times(n);
    }
}
