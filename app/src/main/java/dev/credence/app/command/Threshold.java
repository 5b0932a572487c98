package dev.credence.app.command;

import dev.credence.core.audit.Finding;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.util.Map;

/**
 * A figure that must not be too small or too large, as {@code ID=X}.
 *
 * @param option {@code --fail-under} or {@code --fail-over}
 * @param id of the finding
 * @param limit X
 */
record Threshold(String option, String id, double limit) {
    static final String UNDER = "--fail-under";
    static final String OVER = "--fail-over";

    static Threshold of(String option, String text) {
        int equals = text.lastIndexOf('=');
        String rule = "it is ID=NUMBER, such as bayes_fraction=0.8";
        if (equals < 1) {
            throw InputException.ofOption(option, text, rule);
        }
        try {
            double limit =
                    Double.parseDouble(text.substring(equals + 1).trim().replaceAll("^([-+]?)inf$", "$1Infinity"));
            if (Double.isNaN(limit)) {
                throw InputException.ofOption(option, text, rule);
            }
            return new Threshold(option, text.substring(0, equals).trim(), limit);
        } catch (NumberFormatException e) {
            throw InputException.ofOption(option, text, rule);
        }
    }

    /**
     * The finding that is meant.
     *
     * @param findings by id
     * @return it
     * @throws InputException if the audit has none of that id
     */
    Finding among(Map<String, Finding> findings) {
        Finding finding = findings.get(id);
        if (finding == null) {
            throw InputException.ofOption(option, id, "no such figure; " + NearestName.hint(id, findings.keySet()));
        }
        return finding;
    }

    /** Whether a standing figure is beyond the limit: the interval's end counts, so that the records must show it. */
    boolean isMissedBy(Finding finding) {
        return option.equals(UNDER) ? !(finding.lower() >= limit) : !(finding.upper() <= limit);
    }

    String describe(Finding finding) {
        return option.equals(UNDER)
                ? id + " has lower end " + finding.lower() + ", under " + limit
                : id + " has upper end " + finding.upper() + ", over " + limit;
    }
}
