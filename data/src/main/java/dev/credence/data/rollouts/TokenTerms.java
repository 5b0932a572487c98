package dev.credence.data.rollouts;

/** The log-probabilities of a completion's tokens, as an array of a record holds them. */
final class TokenTerms {
    private final Field field;
    private double sum;
    private double magnitude;
    private int impossible;
    private int count;
    private boolean present;

    /** What the first impossible token was written as. */
    private double written;

    TokenTerms(Field field) {
        this.field = field;
    }

    /** Forgets the last record's. */
    void clear() {
        present = false;
        count = 0;
    }

    /** A record has such an array; its terms follow. */
    void begin() {
        present = true;
        sum = 0;
        magnitude = 0;
        impossible = 0;
        count = 0;
    }

    /** Adds the next token's. */
    void add(double value, String shown) throws BadRecord {
        double term = RecordRules.logProbability(field, value, shown);
        if (Sentinels.isTerm(term)) {
            written = impossible == 0 ? term : written;
            impossible++;
        }
        sum += term;
        magnitude += Math.abs(term);
        count++;
    }

    /** The next token has none. */
    BadRecord missing() {
        return new BadRecord(
                field.key(),
                "null at position " + count,
                "every token of the completion has a log-probability; an engine that gives none for the first token scored"
                        + " it as part of the prompt");
    }

    boolean present() {
        return present;
    }

    int count() {
        return count;
    }

    /** The sum as written, placeholders of impossible tokens included. */
    double written() {
        return sum;
    }

    /** The first placeholder of an impossible token, or NaN. */
    double placeholder() {
        return impossible > 0 && written > Double.NEGATIVE_INFINITY ? written : Double.NaN;
    }

    /** The sum; −∞ where a token is impossible. */
    double sum() {
        return impossible > 0 ? Double.NEGATIVE_INFINITY : sum;
    }

    /**
     * Whether a recorded sum is that of the terms, as far as rounding goes: terms with three decimals are wrong by 3e-4 each,
     * independently, sums in single precision by 1e-5 of what was added.
     */
    boolean agrees(double recorded) {
        if (recorded == sum || recorded == sum()) {
            return true;
        }
        return Math.abs(recorded - sum) <= 2e-3 * Math.sqrt(count) + 1e-5 * magnitude;
    }
}
