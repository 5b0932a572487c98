package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record while it is read; a parser fills it, a worker files it, and it is used again. Texts are either strings or
 * places in the chunk (the raw inside of a JSON string), so that most need not be decoded.
 */
final class RolloutRecord {
    /** A positive log-probability up to this is the rounding of a sure thing, and read as 0. */
    static final double ROUNDING = 1e-6;

    /** Absent tokens and groups. */
    static final int NONE = -1;

    byte[] bytes = {};

    int promptFrom;
    int promptTo;
    boolean promptEscaped;

    @Nullable
    String prompt;

    int completionFrom;
    int completionTo;
    boolean completionEscaped;

    @Nullable
    String completion;

    /** Rewards of the record itself, in the order of {@code rewardNames}. */
    double[] rewards = new double[4];

    List<String> rewardNames = List.of();

    /** Numbers that reward expressions read by name; NaN where absent. */
    final double[] extras;

    double logPrior;
    double logPolicy;
    double logSource;
    double weight;

    /** NaN where absent. */
    double klTokens;

    /** The probability with which it was kept, where that is one number; NaN where absent. */
    double kept;

    /** The probabilities with which a draw of prior and policy would have been kept; NaN where absent. */
    double keptPrior;

    double keptPolicy;

    /** How many were drawn; NaN where absent. */
    double draws;

    /** Whether any of the four above is there. */
    boolean thinned;

    /** λ of a tilt's draw; NaN where absent. */
    double lambda;

    final TokenTerms priorTerms = new TokenTerms(Field.TOKEN_LOGP_PRIOR);
    final TokenTerms policyTerms = new TokenTerms(Field.TOKEN_LOGP_POLICY);

    /** The completion's tokens, where there are any. */
    final IntList ids = new IntList();

    boolean hasIds;

    /** What was written in the place of −∞, or null. */
    @Nullable
    String sentinel;

    /** Position in the worker's sources. */
    int source;

    /** The source of a record that names none, or NONE. */
    int defaultSource = NONE;

    int tokens;
    boolean cut;

    /** Position in the worker's groups. */
    int group;

    boolean hasStep;
    long step;
    boolean heldOut;

    RolloutRecord(int extras) {
        this.extras = new double[extras];
        this.thinned = true; // so that the first clearing sets all
    }

    void clear(byte[] chunk) {
        bytes = chunk;
        prompt = null;
        completion = null;
        Arrays.fill(extras, Double.NaN);
        logPrior = Double.NaN;
        logPolicy = Double.NaN;
        logSource = Double.NaN;
        weight = Double.NaN;
        klTokens = Double.NaN;
        if (thinned) {
            kept = Double.NaN;
            keptPrior = Double.NaN;
            keptPolicy = Double.NaN;
            draws = Double.NaN;
            thinned = false;
        }
        lambda = Double.NaN;
        priorTerms.clear();
        policyTerms.clear();
        hasIds = false;
        sentinel = null;
        source = defaultSource;
        tokens = NONE;
        cut = false;
        group = NONE;
        hasStep = false;
        step = 0;
        heldOut = false;
    }

    /** Whether the numbers keep all rules without rounding; where they do not, the rule is looked up by the slow parser. */
    boolean isPlain() {
        return logPrior <= 0
                && logPrior > Sentinels.LARGEST
                && logPolicy <= 0
                && (logPolicy > Sentinels.LARGEST
                        || (logPolicy == Double.NEGATIVE_INFINITY && source != RolloutLog.POLICY))
                && source != NONE;
    }

    /** Tokens of the completion, or where they are not known as many as it can have at most. */
    double mostTokens() {
        if (tokens >= 0) {
            return tokens;
        }
        return 1.0 + (completion == null ? completionTo - completionFrom : 4 * completion.length());
    }

    String completionText() {
        if (completion == null) {
            completion = JsonBytes.decode(bytes, completionFrom, completionTo, completionEscaped);
        }
        return completion;
    }

    String promptText() {
        if (prompt == null) {
            prompt = JsonBytes.decode(bytes, promptFrom, promptTo, promptEscaped);
        }
        return prompt;
    }
}
