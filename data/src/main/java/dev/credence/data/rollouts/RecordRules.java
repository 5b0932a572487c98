package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;

/** The rules that a record's values keep, whatever file they came from. */
final class RecordRules {
    private static final String LOG_PROBABILITY = "a log-probability is at most 0, in nats";

    private RecordRules() {}

    /**
     * A recorded log-probability; the rounding of a sure thing becomes 0.
     *
     * @param field which
     * @param value as read
     * @param shown as written
     */
    static double logProbability(Field field, double value, String shown) throws BadRecord {
        if (field == Field.LOGP_POLICY && value == Double.NEGATIVE_INFINITY) {
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
        require(!Double.isNaN(record.logPrior), Field.LOGP_PRIOR, fields);
        require(!Double.isNaN(record.logPolicy), Field.LOGP_POLICY, fields);
        require(record.source != RolloutRecord.NONE, Field.SOURCE, fields);
        if (record.logPolicy == Double.NEGATIVE_INFINITY && record.source == RolloutLog.POLICY) {
            throw new BadRecord(
                    Field.LOGP_POLICY.key(),
                    "-inf",
                    "it must be finite where the source is policy: the policy drew it");
        }
    }

    static void require(boolean present, Field field, FieldMap fields) throws BadRecord {
        if (!present) {
            throw new BadRecord(field.key(), "missing", fields.missing(field));
        }
    }
}
