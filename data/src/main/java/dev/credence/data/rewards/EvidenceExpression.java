package dev.credence.data.rewards;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Evidence as a user writes it, such as {@code at-least:2 of count:[aeiou] and 0.5*contains:th}.
 *
 * <pre>
 * evidence    = term { " and " term }
 * term        = [ NUMBER "*" ] observation
 * observation = "prompt:" TEXT | "contains:" TEXT | "regex:" PATTERN        what each text shows
 *             | [ "reward:" ] REWARD | "probability:" [ REWARD ]              a reward as a log-likelihood, as a probability
 *             | "level:" X | "at-least:" X | "range:" LOW "," HIGH            a reward's value
 *             | "raters:" N | "top:" SHARE | "beats:" N | "pool:" K           the rest, each with [ " of " REWARD ]
 * </pre>
 *
 * <p>{@code NUMBER*} binds closest: so many copies of the one term behind it, any real number. {@code " and "} adds terms:
 * independent evidence, seen together. A text that holds {@code " and "} is written between double quotes, directly behind its
 * colon, with {@code \"} for a quote in it. REWARD is a reward's name, or an expression ({@link RewardExpression}); where none
 * is named it is the one that the question is about. Alone, {@code contains:} and {@code regex:} are events, and {@code
 * reward:contains:TEXT} is the reward.
 *
 * <p>Immutable. What {@code top:}, {@code beats:} and {@code pool:} say depends on the rewards of all texts, so they need a
 * space that knows them.
 */
public final class EvidenceExpression {
    /** What messages call it. */
    static final String SETTING = "evidence";

    private static final String COPIES = "copies";
    private static final String COEFFICIENT = "beta";

    private final List<EvidenceTerm> terms;
    private final double copies;
    private final String setting; // by which the copies were said

    private EvidenceExpression(List<EvidenceTerm> terms, double copies, String setting) {
        this.terms = terms;
        this.copies = copies;
        this.setting = setting;
    }

    /**
     * Reads an expression.
     *
     * @param text as the user writes it
     * @return the evidence, once
     * @throws InputException if it is malformed; the message names the term, where it begins, and the rule
     */
    public static EvidenceExpression parse(String text) {
        return new EvidenceExpression(List.copyOf(new EvidenceParser(text).parse()), 1, COPIES);
    }

    /** {@return the reward that the question is about, read as a log-likelihood, once} */
    public static EvidenceExpression ofReward() {
        return parse("reward:");
    }

    /**
     * Evidence that Java code has made.
     *
     * @param evidence on texts
     * @return the same, once
     */
    public static EvidenceExpression of(Evidence evidence) {
        EvidenceTerm.Place place = new EvidenceTerm.Place(evidence.describe(), evidence.describe(), 1, 1);
        return new EvidenceExpression(List.of(new EvidenceTerm.OfTexts(place, 1, evidence, null)), 1, COPIES);
    }

    /**
     * The same so often.
     *
     * @param n copies of all of it, λ = 1/β where it is a reward; any finite number, or ∞ of a reward alone: β = 0
     * @return so many copies
     * @throws InputException if n is NaN or −∞
     */
    public EvidenceExpression times(double n) {
        if (!(n > Double.NEGATIVE_INFINITY)) {
            throw InputException.ofSetting(COPIES, String.valueOf(n), "it must be a number above -infinity");
        }
        return new EvidenceExpression(terms, n == 1 ? copies : n * copies, COPIES);
    }

    /**
     * The same under a KL coefficient.
     *
     * @param beta β ≥ 0; 0 of a reward alone
     * @return 1/β copies, whose refusal names the coefficient
     * @throws InputException unless beta is finite and not negative
     */
    public EvidenceExpression atKl(double beta) {
        if (!(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting(
                    COEFFICIENT, String.valueOf(beta), "it must be a finite number, 0 or larger");
        }
        return new EvidenceExpression(terms, times(1 / Math.abs(beta)).copies, COEFFICIENT);
    }

    /** {@return whether it speaks of the reward that the question is about} */
    public boolean asksTheReward() {
        return terms.stream().anyMatch(term -> term instanceof EvidenceTerm.OfReward of && of.reward() == null);
    }

    /** {@return the rewards that it names itself, as typed} */
    public Set<String> rewards() {
        Set<String> rewards = new LinkedHashSet<>();
        for (EvidenceTerm term : terms) {
            if (term instanceof EvidenceTerm.OfReward of && of.reward() != null) {
                rewards.add(of.reward());
            }
        }
        return rewards;
    }

    /** {@return what it says of texts without a reward, for spaces whose outcomes are no texts} */
    public List<Evidence> ofTexts() {
        List<Evidence> evidence = new ArrayList<>();
        for (EvidenceTerm term : terms) {
            if (term instanceof EvidenceTerm.OfTexts of) {
                evidence.add(of.evidence());
            }
        }
        return evidence;
    }

    /**
     * The evidence in a space.
     *
     * @param space what rewards mean there
     * @return the evidence on its texts
     * @throws InputException if a reward is unknown there, copies have no meaning, or all texts would have to be known
     */
    public AskedEvidence in(EvidenceSpace space) {
        EvidenceTerm first = terms.get(0);
        if (terms.size() > 1) {
            return together(space);
        }
        return first instanceof EvidenceTerm.OfReward of
                ? ofReward(of, space)
                : event((EvidenceTerm.OfTexts) first, space);
    }

    private AskedEvidence event(EvidenceTerm.OfTexts term, EvidenceSpace space) {
        if (Double.isInfinite(copies)) {
            throw InputException.ofSetting(
                    COEFFICIENT, "0", "an event has no reward to be the largest; leave the coefficient out");
        }
        double n = term.copies() * copies;
        Evidence event = space.seen(term.evidence());
        return AskedEvidence.of(n == 1 ? event : event.times(n), n, spokenOf(space));
    }

    private AskedEvidence ofReward(EvidenceTerm.OfReward term, EvidenceSpace space) {
        EvidenceTerm.Kind kind = term.kind();
        boolean isTilt = kind == EvidenceTerm.Kind.TILT;
        String named = "evidence " + kind.word() + ":";
        if (Double.isInfinite(copies) && !isTilt) {
            throw InputException.ofSetting(
                    COEFFICIENT, "0", "it is the limit of a reward; with " + named + " say how many copies");
        }
        if (Double.isInfinite(copies) && space.prior().isEmpty()) {
            throw InputException.ofSetting(COEFFICIENT, "0", space.whyNotAllTexts());
        }
        if (!kind.takesCopies() && copies != 1) {
            double said = setting.equals(COPIES) ? copies : 1 / copies;
            throw InputException.ofSetting(setting, String.valueOf(said), named + " is seen once");
        }
        NamedReward reward = space.reward(term.reward());
        double n = term.copies() == 0 ? 0 : term.copies() * copies; // 0 copies of a limit are none
        if (isTilt) {
            return AskedEvidence.tilt(n, reward);
        }
        if (kind.needsAllTexts() && space.prior().isEmpty()) {
            throw InputException.ofSetting(SETTING, term.place().all(), space.whyNotAllTexts());
        }
        if (kind.takesCopies() || term.copies() == 1) {
            return AskedEvidence.of(likelihood(term, n), reward);
        }
        return AskedEvidence.of(evidence(term, reward, space).times(n), n, reward);
    }

    private AskedEvidence together(EvidenceSpace space) {
        if (Double.isInfinite(copies)) {
            throw InputException.ofSetting(
                    COEFFICIENT, "0", "it is the limit of one reward, and this is joint evidence");
        }
        Evidence all = null;
        StringJoiner words = new StringJoiner(", and ");
        for (EvidenceTerm term : terms) {
            Evidence one = term instanceof EvidenceTerm.OfReward of
                    ? evidence(of, space.reward(of.reward()), space)
                    : space.seen(((EvidenceTerm.OfTexts) term).evidence());
            boolean isCopied =
                    term instanceof EvidenceTerm.OfReward of && of.kind().takesCopies();
            one = isCopied || term.copies() == 1 ? one : one.times(term.copies());
            words.add(one.describe() + named(term));
            all = all == null ? one : all.and(one);
        }
        Evidence joint = Objects.requireNonNull(all);
        AskedEvidence once = AskedEvidence.of(joint, 1, spokenOf(space)).inWords(words.toString());
        return copies == 1 ? once : once.times(copies);
    }

    /** Of several rewards, which one a term is about. */
    private static String named(EvidenceTerm term) {
        return term instanceof EvidenceTerm.OfReward of && of.reward() != null ? " [" + of.reward() + "]" : "";
    }

    /** One term, with its own copies where they are the reward's. */
    private static Evidence evidence(EvidenceTerm.OfReward term, NamedReward reward, EvidenceSpace space) {
        RewardLikelihood likelihood = likelihood(term, term.copies());
        if (!term.kind().needsAllTexts()) {
            return Evidence.of(likelihood, reward.function());
        }
        TableModel prior = space.prior()
                .orElseThrow(
                        () -> InputException.ofSetting(SETTING, term.place().all(), space.whyNotAllTexts()));
        return Evidence.of(likelihood, reward.function(), prior);
    }

    private static RewardLikelihood likelihood(EvidenceTerm.OfReward term, double n) {
        try {
            return term.likelihood().apply(n);
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting(SETTING, term.place().all(), String.valueOf(e.getMessage()));
        }
    }

    /**
     * Evidence as what it says of one reward: all that the records of a log can be asked, of which only rewards are known.
     *
     * @param reward as typed, or a reward that is above 0 where the evidence was seen; null for the one that the question is about
     * @param likelihood of the reward
     * @param words what was observed
     */
    public record OfOneReward(@Nullable String reward, RewardLikelihood likelihood, String words) {}

    /**
     * What the evidence says of the one reward that it is about. An event of texts is about the reward that tells it.
     *
     * @return the reward, and its likelihood
     * @throws InputException if it is about several rewards, was made by Java code, or joins what depends on the rewards of all
     *     texts to something else
     */
    public OfOneReward ofOneReward() {
        String about = rewardOf(terms.get(0));
        RewardLikelihood all = null;
        StringJoiner words = new StringJoiner(", and ");
        for (EvidenceTerm term : terms) {
            String other = rewardOf(term);
            if (!Objects.equals(about, other)) {
                throw InputException.ofSetting(
                        SETTING,
                        toString(),
                        "here evidence is about one reward, and this is about " + called(about) + " and about "
                                + called(other) + "; what is to be added is one reward, such as 'A + 0.5*B'");
            }
            RewardLikelihood one = ofItsReward(term);
            words.add(
                    term instanceof EvidenceTerm.OfTexts of
                            ? repeated(of.copies() * copies) + of.evidence().describe()
                            : one.describe() + named(term));
            try {
                all = all == null ? one : all.and(one);
            } catch (IllegalArgumentException e) {
                throw InputException.ofSetting(SETTING, toString(), String.valueOf(e.getMessage()));
            }
        }
        return new OfOneReward(about, Objects.requireNonNull(all), words.toString());
    }

    private @Nullable String rewardOf(EvidenceTerm term) {
        if (term instanceof EvidenceTerm.OfReward of) {
            return of.reward();
        }
        String reward = ((EvidenceTerm.OfTexts) term).reward();
        if (reward == null) {
            throw InputException.ofSetting(SETTING, toString(), "it is about texts, and not about a reward");
        }
        return reward;
    }

    private static String called(@Nullable String reward) {
        return reward == null ? "the reward" : "'" + reward + "'";
    }

    private static String repeated(double n) {
        return n == 1 ? "" : FigureFormat.inWords(n) + " independent copies of: ";
    }

    private RewardLikelihood ofItsReward(EvidenceTerm term) {
        double n = term.copies() == 0 ? 0 : term.copies() * copies;
        try {
            if (term instanceof EvidenceTerm.OfReward of) {
                RewardLikelihood likelihood = likelihood(of, n);
                return of.kind().takesCopies() ? likelihood : likelihood.times(n);
            }
            return RewardLikelihood.atLeast(Double.MIN_VALUE).times(n);
        } catch (InputException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting(SETTING, toString(), String.valueOf(e.getMessage()));
        }
    }

    /** {@return whether a part of it is an event, which excludes the texts that do not show it} */
    public boolean isEventInPart() {
        return terms.stream()
                .anyMatch(term -> term.copies() != 0
                        && (term instanceof EvidenceTerm.OfTexts
                                || ((EvidenceTerm.OfReward) term).kind().isEvent()));
    }

    /** {@return whether a part of it depends on the rewards of all texts} */
    public boolean needsAllTexts() {
        return terms.stream()
                .anyMatch(term ->
                        term instanceof EvidenceTerm.OfReward of && of.kind().needsAllTexts());
    }

    /** {@return it as the user wrote it, without the copies of all of it} */
    @Override
    public String toString() {
        return terms.get(0).place().all();
    }

    /** The reward whose mean is worth telling: the one asked about, or the only one that is spoken of. */
    private @Nullable NamedReward spokenOf(EvidenceSpace space) {
        if (asksTheReward() || space.isRewardChosen()) {
            return space.reward(null);
        }
        Set<String> named = rewards();
        return named.size() == 1 ? space.reward(named.iterator().next()) : null;
    }
}
