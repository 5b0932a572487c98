package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;

/** The rules that a record's values keep, whatever file they came from. */
final class RecordRules {
    private static final String LOG_PROBABILITY =
            "a log-probability is at most 0, in nats: of a probability take the logarithm, of a loss turn the sign";

    private RecordRules() {}

    /**
     * A recorded log-probability; the rounding of a sure thing becomes 0.
     *
     * @param field which
     * @param value as read
     * @param shown as written
     */
    static double logProbability(Field field, double value, String shown) throws BadRecord {
        if ((field == Field.LOGP_POLICY || field == Field.TOKEN_LOGP_POLICY) && value == Double.NEGATIVE_INFINITY) {
            return value; // allowed or not: the source decides, in finish()
        }
        if (!(Math.abs(value) <= Double.MAX_VALUE)) {
            throw new BadRecord(field.key(), shown, "it must be a finite number of nats");
        }
        if (!(value <= RolloutRecord.ROUNDING)) {
            throw new BadRecord(field.key(), shown, LOG_PROBABILITY);
        }
        return Math.min(value, 0);
    }

    static double finite(String field, double value, String shown) throws BadRecord {
        if (!(Math.abs(value) <= Double.MAX_VALUE)) {
            throw new BadRecord(field, shown, "it must be a finite number");
        }
        return value;
    }

    /** Σ_t KL of next-token distributions; what rounding put below 0 is 0. */
    static double divergence(double value, String shown) throws BadRecord {
        if (!(value >= -RolloutRecord.ROUNDING && value <= Double.MAX_VALUE)) {
            throw new BadRecord(Field.KL_TOKENS.key(), shown, "a divergence is a finite number of nats, 0 or more");
        }
        return Math.max(value, 0);
    }

    /** The probability with which a draw was kept. */
    static double kept(String field, double value, String shown) throws BadRecord {
        if (!(value > 0 && value <= 1)) {
            throw new BadRecord(field, shown, "a draw is kept with a probability above 0 and at most 1");
        }
        return value;
    }

    static double draws(double value, String shown) throws BadRecord {
        if (!(value > 0 && value <= Double.MAX_VALUE)) {
            throw new BadRecord(Field.DRAWS.key(), shown, "it must be a finite number above 0");
        }
        return value;
    }

    static double lambda(double value, String shown) throws BadRecord {
        return finite(Field.LAMBDA.key(), value, shown);
    }

    static int id(double value, String shown) throws BadRecord {
        if (!(value >= 0 && value <= Integer.MAX_VALUE && value == Math.rint(value))) {
            throw new BadRecord(Field.IDS.key(), shown, "a token id is a whole number, 0 or more");
        }
        return (int) value;
    }

    static double weight(double value, String shown) throws BadRecord {
        if (!(value > 0 && value <= Double.MAX_VALUE)) {
            throw new BadRecord(Field.PROMPT_WEIGHT.key(), shown, "it must be a finite number above 0");
        }
        return value;
    }

    static int tokens(double value, String shown) throws BadRecord {
        if (!(value >= 0 && value <= Integer.MAX_VALUE && value == Math.rint(value))) {
            throw new BadRecord(Field.TOKENS.key(), shown, "it must be a whole number, 0 or more");
        }
        return (int) value;
    }

    static long step(double value, String shown) throws BadRecord {
        if (!(Math.abs(value) <= 1e15 && value == Math.rint(value))) {
            throw new BadRecord(Field.STEP.key(), shown, "it must be a whole number");
        }
        return (long) value;
    }

    static boolean heldOut(String split) throws BadRecord {
        return switch (split) {
            case "train" -> false;
            case "heldout" -> true;
            default -> throw new BadRecord(Field.SPLIT.key(), BadRecord.shown(split), "it must be train or heldout");
        };
    }

    /** What only the whole record tells; text fields are checked by the parser, which knows how it keeps them. */
    static void finish(RolloutRecord record, FieldMap fields) throws BadRecord {
        record.logPrior = sum(record, record.priorTerms, Field.LOGP_PRIOR, record.logPrior);
        record.logPolicy = sum(record, record.policyTerms, Field.LOGP_POLICY, record.logPolicy);
        lengths(record);
        sentinels(record);
        require(!Double.isNaN(record.logPrior), Field.LOGP_PRIOR, fields);
        require(!Double.isNaN(record.logPolicy), Field.LOGP_POLICY, fields);
        require(record.source != RolloutRecord.NONE, Field.SOURCE, fields);
        if (record.logPolicy == Double.NEGATIVE_INFINITY && record.source == RolloutLog.POLICY) {
            throw new BadRecord(
                    Field.LOGP_POLICY.key(),
                    record.sentinel == null ? "-inf" : record.sentinel + ", which stands for -inf",
                    "it must be finite where the source is policy: the policy drew it");
        }
    }

    /** A sum is that of the tokens' terms, where both are there. */
    private static double sum(RolloutRecord record, TokenTerms terms, Field field, double recorded) throws BadRecord {
        if (!terms.present()) {
            return recorded;
        }
        if (!Double.isNaN(recorded) && !terms.agrees(recorded)) {
            throw new BadRecord(
                    field.key(),
                    Double.toString(recorded),
                    "it is the sum of token_" + field.key() + ", which is " + terms.written());
        }
        if (terms.sum() == Double.NEGATIVE_INFINITY && !Double.isNaN(terms.placeholder())) {
            record.sentinel = Double.toString(terms.placeholder());
        }
        if (field == Field.LOGP_PRIOR && terms.sum() == Double.NEGATIVE_INFINITY) {
            throw excluded(Field.TOKEN_LOGP_PRIOR, Double.toString(terms.placeholder()));
        }
        return Double.isNaN(recorded) || terms.sum() == Double.NEGATIVE_INFINITY ? terms.sum() : recorded;
    }

    /** Arrays by token are as long as {@code tokens} says. */
    private static void lengths(RolloutRecord record) throws BadRecord {
        int ids = record.hasIds ? record.ids.size() : RolloutRecord.NONE;
        int prior = record.priorTerms.present() ? record.priorTerms.count() : RolloutRecord.NONE;
        int policy = record.policyTerms.present() ? record.policyTerms.count() : RolloutRecord.NONE;
        if (record.tokens == RolloutRecord.NONE) {
            record.tokens = policy >= 0 ? policy : prior >= 0 ? prior : ids;
        }
        length(Field.TOKEN_LOGP_PRIOR, prior, record.tokens);
        length(Field.TOKEN_LOGP_POLICY, policy, record.tokens);
        length(Field.IDS, ids, record.tokens);
    }

    private static void length(Field field, int length, int tokens) throws BadRecord {
        if (length >= 0 && length != tokens) {
            throw new BadRecord(
                    field.key(),
                    "an array of " + length,
                    "the completion has " + tokens + " tokens, its end included, and each has one entry");
        }
    }

    /** Placeholders of −∞ in sums. */
    private static void sentinels(RolloutRecord record) throws BadRecord {
        double tokens = record.mostTokens();
        if (Sentinels.isSum(record.logPrior, record.logPolicy, tokens)) {
            throw excluded(Field.LOGP_PRIOR, Double.toString(record.logPrior));
        }
        if (Sentinels.isSum(record.logSource, record.logPrior, tokens)) {
            throw excluded(Field.LOGP_SOURCE, Double.toString(record.logSource));
        }
        if (record.logPolicy > Double.NEGATIVE_INFINITY && Sentinels.isSum(record.logPolicy, record.logPrior, tokens)) {
            record.sentinel = Double.toString(record.logPolicy);
            record.logPolicy = Double.NEGATIVE_INFINITY;
        }
    }

    private static BadRecord excluded(Field field, String shown) {
        return new BadRecord(field.key(), shown, "it stands for -inf, and only logp_policy may be -inf");
    }

    static void require(boolean present, Field field, FieldMap fields) throws BadRecord {
        if (!present) {
            throw new BadRecord(field.key(), BadRecord.MISSING, fields.missing(field));
        }
    }
}
