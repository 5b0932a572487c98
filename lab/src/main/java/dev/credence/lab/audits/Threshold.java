package dev.credence.lab.audits;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.ThresholdOutcome.Side;
import dev.credence.core.audit.Verdict;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import dev.credence.core.provenance.NumberText;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A limit on a figure, as {@code ID=X}. The end of the 95 % interval counts, not the estimate: a limit is kept where the
 * records show that it is, not where they leave it open.
 *
 * @param id of the finding
 * @param side which end may not be beyond the limit
 * @param limit X
 */
public record Threshold(String id, Side side, double limit) {
    private static final String RULE = "it is ID=NUMBER, such as bayes_fraction=0.8";

    /** A number as people type it; {@code Double.parseDouble} alone also takes {@code 1d} and {@code 0x1p3}. */
    private static final Pattern NUMBER = Pattern.compile("[-+]?(inf|(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?)");

    private static final Set<String> HELD_OUT = Set.of("bayes_fraction.heldout", "kl.departure.heldout");
    private static final Set<String> OF_TOKENS = Set.of(
            "kl.policy_prior.rao_blackwell",
            "kl.policy_prior.variance.rb",
            "kl.policy_prior.variance.k1",
            "kl.policy_prior.variance.ratio");
    private static final String BAYES_FRACTION = "bayes_fraction";
    private static final String SAMPLED = "kl.policy_prior.sampled";
    private static final String POPULATION = ".population";
    private static final Set<String> OF_POPULATION =
            Set.of("kl.policy_prior", "kl.explained", "kl.departure", BAYES_FRACTION, "copies.moment_match", "log_z");

    /**
     * Reads a limit.
     *
     * @param side which end it speaks of
     * @param text {@code ID=X}; X may be {@code inf} or {@code -inf}
     * @return the limit
     * @throws InputException if it is not of this form
     */
    public static Threshold of(Side side, String text) {
        int equals = text.lastIndexOf('=');
        String number = text.substring(equals + 1).trim();
        if (equals < 1 || !NUMBER.matcher(number).matches()) {
            throw InputException.ofSetting("threshold", text, RULE);
        }
        try {
            double limit = NumberText.parse(number.replace("inf", "Infinity"));
            return new Threshold(text.substring(0, equals).trim(), side, limit);
        } catch (NumberFormatException e) {
            throw InputException.ofSetting("threshold", text, String.valueOf(e.getMessage()));
        }
    }

    /**
     * The finding of an id.
     *
     * @param id the id
     * @param findings by id
     * @return it
     * @throws InputException if the audit has none of that id
     */
    public static Finding among(String id, Map<String, Finding> findings) {
        Finding finding = findings.get(id);
        if (finding == null && HELD_OUT.contains(id)) {
            throw InputException.ofSetting(
                    "threshold", id, "it needs held-out prompts: records whose split is heldout");
        }
        if (finding == null && OF_TOKENS.contains(id)) {
            throw InputException.ofSetting(
                    "threshold", id, "it needs the field kl_tokens on the policy's records: no record has it");
        }
        if (finding == null) {
            Set<String> known = new LinkedHashSet<>(findings.keySet());
            known.addAll(HELD_OUT);
            throw InputException.ofSetting("threshold", id, "no such figure; " + NearestName.hint(id, known));
        }
        return finding;
    }

    /**
     * Holds the limit against an audit. A policy that went the other way than asked keeps no limit on its Bayes fraction,
     * however large: it is a conditional, but of the opposite.
     *
     * @param step the audit
     * @return whether the limit was kept, and why; withdrawn where a log like this may have the figure and these records do
     *     not give it
     * @throws InputException if the audit has no finding of this id
     */
    public ThresholdOutcome outcome(StepAudit step) {
        if (isOfPopulation() && !step.findings().containsKey(id)) {
            return withdrawn("it is given from eight prompts on, of both sides, where the fitted copies are finite");
        }
        String lacking = lackingSource(step.findings());
        if (lacking != null) {
            return withdrawn("needs records drawn from the " + lacking + " (source: " + lacking + ")");
        }
        Finding finding = among(id, step.findings());
        if (!finding.stands()) {
            return withdrawn(finding.reason() == null ? "no reason is recorded" : finding.reason());
        }
        boolean opposite = step.verdict().label() == Verdict.Label.OPPOSITE;
        if (opposite && (id.equals(BAYES_FRACTION) || id.startsWith(BAYES_FRACTION + "."))) {
            return new ThresholdOutcome(
                    id,
                    limit,
                    side,
                    false,
                    "the verdict is 'opposite': the policy moved against the reward, so no limit on " + id
                            + " is kept");
        }
        return Double.isNaN(end(finding)) ? withdrawn(whyNoEnd(finding)) : held(finding);
    }

    /** The source of whose records alone the figure is, where the log has none of them; else null. */
    private @Nullable String lackingSource(Map<String, Finding> findings) {
        if (findings.containsKey(id)) {
            return null;
        }
        if (id.equals(SAMPLED)) {
            return "policy";
        }
        for (String[] sides : new String[][] {{"prior", "policy"}, {"policy", "prior"}}) {
            String end = "." + sides[0];
            if (id.startsWith("diversity.")
                    && id.endsWith(end)
                    && findings.containsKey(id.substring(0, id.length() - end.length()) + "." + sides[1])) {
                return sides[0];
            }
        }
        return null;
    }

    private boolean isOfPopulation() {
        return id.endsWith(POPULATION) && OF_POPULATION.contains(id.substring(0, id.length() - POPULATION.length()));
    }

    private ThresholdOutcome withdrawn(String why) {
        return new ThresholdOutcome(id, limit, side, null, why.replaceAll("\\s+", " "));
    }

    private ThresholdOutcome held(Finding finding) {
        double end = end(finding);
        boolean met = side == Side.UNDER ? end >= limit : end <= limit;
        String what = isCount(finding) ? "is " : side == Side.UNDER ? "has lower end " : "has upper end ";
        String place = side == Side.UNDER ? (met ? ", not under " : ", under ") : met ? ", not over " : ", over ";
        String shown = FigureFormat.isOne(end, limit)
                ? FigureFormat.typed(end)
                : FigureFormat.inWords(end, FigureFormat.digitsApart(end, limit));
        String reason = id + " " + what + shown + place + FigureFormat.typed(limit);
        return new ThresholdOutcome(id, limit, side, met, met ? reason + assumed(finding) : reason);
    }

    /** A limit that is kept is kept as far as the interval's note goes. */
    private static String assumed(Finding finding) {
        return finding.reason() == null ? "" : " (" + finding.reason() + ")";
    }

    /** The interval's end that counts; of what is counted rather than estimated the number itself. */
    private double end(Finding finding) {
        if (isCount(finding) || finding.grade() == Grade.EXACT) {
            return finding.estimate();
        }
        return side == Side.UNDER ? finding.lower() : finding.upper();
    }

    /** Effective sample sizes and the like are facts about the records at hand: they have no interval. */
    private static boolean isCount(Finding finding) {
        boolean diagnostic = finding.id().startsWith("ess.")
                || finding.id().startsWith("khat.")
                || finding.id().startsWith("diversity.");
        return diagnostic && Double.isNaN(finding.lower()) && Double.isNaN(finding.upper());
    }

    private static String whyNoEnd(Finding finding) {
        return Double.isNaN(finding.estimate())
                ? finding.id() + " has no value on this input"
                : finding.id() + " has no interval, so that the records show nothing of it";
    }
}
