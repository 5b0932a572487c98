package dev.credence.report;

import dev.credence.core.audit.Gate;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.Verdict;
import java.util.Locale;

/** A short word with a sign and a colour; the word alone says all. */
final class Badge {
    private Badge() {}

    /** The label of a verdict. */
    static void verdict(Html html, Verdict.Label label) {
        String kind = switch (label) {
            case CONDITIONAL -> "good";
            case MOSTLY -> "fair";
            case PARTLY -> "mixed";
            case NOT, OPPOSITE -> "bad";
            case CANNOT_TELL -> "unknown";
        };
        String sign = switch (label) {
            case CONDITIONAL -> "●";
            case MOSTLY -> "◕";
            case PARTLY -> "◑";
            case NOT -> "○";
            case OPPOSITE -> "⇄";
            case CANNOT_TELL -> "?";
        };
        write(html, kind, sign, label.words());
    }

    /** The words of a verdict where they are a label's, else plain text. */
    static void verdict(Html html, String words) {
        for (Verdict.Label label : Verdict.Label.values()) {
            if (label.words().equals(words)) {
                verdict(html, label);
                return;
            }
        }
        html.text(words);
    }

    /** The outcome of a gate. */
    static void gate(Html html, Gate.Status status) {
        String word = status.name().toLowerCase(Locale.ROOT);
        switch (status) {
            case PASS -> write(html, "good", "✓", word);
            case WARN -> write(html, "mixed", "!", word);
            case FAIL -> write(html, "bad", "✕", word);
        }
    }

    /** Whether a threshold was kept. */
    static void threshold(Html html, ThresholdOutcome threshold) {
        if (threshold.isWithdrawn()) {
            write(html, "unknown", "?", "withdrawn");
        } else if (threshold.isMissed()) {
            write(html, "bad", "✕", "not met");
        } else {
            write(html, "good", "✓", "met");
        }
    }

    private static void write(Html html, String kind, String sign, String word) {
        html.open("span", "class", "badge " + kind)
                .element("span", sign, "class", "badge-sign", "aria-hidden", "true")
                .text(" " + word)
                .close();
    }
}
