package dev.credence.methods;

/** The values that a setting may have; NaN is in none of them. */
public enum Range {
    /** Any number, ±∞ included. */
    NUMBER("it must be a number") {
        @Override
        public boolean contains(double value) {
            return !Double.isNaN(value);
        }
    },
    /** 1, 2, 3, … */
    COUNT("it must be a whole number of at least 1") {
        @Override
        public boolean contains(double value) {
            return value >= 1 && value <= Integer.MAX_VALUE && value == Math.rint(value);
        }
    },
    /** (0, ∞). */
    POSITIVE("it must be positive and finite") {
        @Override
        public boolean contains(double value) {
            return value > 0 && value < Double.POSITIVE_INFINITY;
        }
    },
    /** [0, ∞). */
    NOT_NEGATIVE("it must be finite and at least 0") {
        @Override
        public boolean contains(double value) {
            return value >= 0 && value < Double.POSITIVE_INFINITY;
        }
    },
    /** [0, ∞], of a KL coefficient: its inverse is copies of the reward. */
    COEFFICIENT("the KL coefficient must be >= 0 (0 is the limit on the largest rewards)") {
        @Override
        public boolean contains(double value) {
            return value >= 0;
        }
    },
    /** (0, 1]. */
    SHARE("it must be in (0, 1]") {
        @Override
        public boolean contains(double value) {
            return value > 0 && value <= 1;
        }
    },
    /** [0, 1). */
    PART("it must be in [0, 1)") {
        @Override
        public boolean contains(double value) {
            return value >= 0 && value < 1;
        }
    };

    private final String rule;

    Range(String rule) {
        this.rule = rule;
    }

    /**
     * Whether a value is one of them.
     *
     * @param value any number
     * @return false for NaN
     */
    public abstract boolean contains(double value);

    /** {@return the rule in words that follow "is VALUE;"} */
    public String rule() {
        return rule;
    }
}
