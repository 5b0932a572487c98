package dev.credence.core.audit;

import java.util.List;

/**
 * The conclusion.
 *
 * @param label how much of the departure from the prior is conditioning
 * @param text one paragraph
 * @param advice what to change, most useful first
 */
public record Verdict(Label label, String text, List<String> advice) {
    /** The six possible conclusions; {@link #words()} is what is printed. */
    public enum Label {
        /** Lower Bayes fraction ≥ .95, upper departure ≤ .1 nats, and the slopes agree. */
        CONDITIONAL("conditional"),
        /** Lower Bayes fraction ≥ .8. */
        MOSTLY("mostly"),
        /** Lower Bayes fraction ≥ .3. */
        PARTLY("partly"),
        /** Upper Bayes fraction below .3. */
        NOT("not"),
        /** As conditional to partly, but the copies have the other sign than asked. */
        OPPOSITE("opposite"),
        /** The records do not decide. */
        CANNOT_TELL("cannot tell");

        private final String words;

        Label(String words) {
            this.words = words;
        }

        /** {@return the label as it is printed and written to JSON} */
        public String words() {
            return words;
        }
    }

    /**
     * Copies the list.
     *
     * @param label conclusion
     * @param text paragraph
     * @param advice what to change
     */
    public Verdict {
        advice = List.copyOf(advice);
    }
}
