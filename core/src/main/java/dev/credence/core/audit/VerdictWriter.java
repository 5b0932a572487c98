package dev.credence.core.audit;

import dev.credence.core.evidence.Copies;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Words the conclusion from the findings; every number in it is a finding's. */
final class VerdictWriter {
    private static final double CONDITIONAL_FRACTION = 0.95;
    private static final double CONDITIONAL_DEPARTURE = 0.1;
    private static final double MOSTLY = 0.8;
    private static final double PARTLY = 0.3;

    /** Nats that a family which no record shows could add and that no reward makes worth a word. */
    private static final double NOTHING_UNSEEN = 1e-4;

    private final AuditOptions options;
    private final Evaluation evaluation;
    private final Map<String, Finding> findings;
    private final @Nullable Aimed aimed;

    /**
     * A writer of one audit's verdicts.
     *
     * @param options what was asked
     * @param evaluation the overall evaluation
     * @param findings the overall findings, held-out ones included
     * @param aimed the policy against what its method aims at, or null
     */
    VerdictWriter(AuditOptions options, Evaluation evaluation, Map<String, Finding> findings, @Nullable Aimed aimed) {
        this.options = options;
        this.evaluation = evaluation;
        this.findings = findings;
        this.aimed = aimed;
    }

    /** {@code stated}, {@code aimed} and {@code asked}, as far as they can be given. */
    Map<String, Verdict> all(Verdict stated) {
        Map<String, Verdict> all = new LinkedHashMap<>();
        all.put("stated", stated);
        if (aimed != null && options.aim() != null) {
            all.put(
                    "aimed",
                    aimed.ofAll(against(aimed.evaluation(), options.aim().evidence())));
        }
        if (options.beta() != null) {
            String copies = Words.copies(1 / options.beta()) + " of " + options.reward();
            all.put(
                    "asked",
                    evaluation.mostFraction() < PARTLY && !isKnown(evaluation)
                            ? ruledOut(copies)
                            : against(evaluation, copies));
        }
        return all;
    }

    /** On the family with free λ. */
    Verdict stated() {
        Finding fraction = evaluation.get(Figure.BAYES_FRACTION);
        Finding departure = evaluation.get(Figure.KL_DEPARTURE);
        boolean known = fraction.stands() && departure.stands();
        Verdict.Label label = known ? label(fraction, departure) : unknown();
        String text = known ? conclusion(label, fraction, departure) : undecided(label);
        return new Verdict(label, text + scope(), new Advice(options, evaluation, findings).list());
    }

    private Verdict.Label label(Finding fraction, Finding departure) {
        double upper = Math.min(fraction.upper(), evaluation.mostFraction());
        Verdict.Label label = label(fraction.lower(), upper, departure.upper(), SlopeAgreement.agrees(evaluation));
        if (label == Verdict.Label.CONDITIONAL
                && !isSafe(fraction.estimate(), departure.estimate(), evaluation, evaluation.unseen())) {
            label = Verdict.Label.MOSTLY;
        }
        boolean counts = label != Verdict.Label.NOT && label != Verdict.Label.CANNOT_TELL;
        return counts && isAgainst() ? Verdict.Label.OPPOSITE : label;
    }

    /** Whether a family of texts that no record shows, of a reward beyond those seen, would leave the label. */
    private static boolean isSafe(double fraction, double departure, Evaluation of, double unseen) {
        double kl = of.get(Figure.KL_POLICY_PRIOR).estimate();
        return departure + unseen <= CONDITIONAL_DEPARTURE && fraction - unseen / kl >= CONDITIONAL_FRACTION;
    }

    /** Whether the policy moved away from the reward: what is asked for is always more of it. */
    private boolean isAgainst() {
        Finding copies = evaluation.get(Figure.MOMENT_MATCH);
        return copies.stands() ? copies.upper() < 0 : copies.estimate() < 0;
    }

    /** Without a posterior: the policy's own records may rule out that it is one, the prior's counts that it is none. */
    private Verdict.Label unknown() {
        if (evaluation.isUnmoved()) {
            return Verdict.Label.CANNOT_TELL;
        }
        if (evaluation.mostFraction() < PARTLY) {
            return Verdict.Label.NOT;
        }
        double least = evaluation.leastFraction();
        if (least < PARTLY || least > evaluation.mostFraction()) {
            return Verdict.Label.CANNOT_TELL;
        }
        return isAgainst() ? Verdict.Label.OPPOSITE : least < MOSTLY ? Verdict.Label.PARTLY : Verdict.Label.MOSTLY;
    }

    private static Verdict.Label label(double lower, double upper, double departure, boolean agree) {
        if (lower >= CONDITIONAL_FRACTION && departure <= CONDITIONAL_DEPARTURE && agree) {
            return Verdict.Label.CONDITIONAL;
        }
        if (lower >= MOSTLY) {
            return Verdict.Label.MOSTLY;
        }
        if (lower >= PARTLY) {
            return Verdict.Label.PARTLY;
        }
        return upper < PARTLY ? Verdict.Label.NOT : Verdict.Label.CANNOT_TELL;
    }

    private String conclusion(Verdict.Label label, Finding fraction, Finding departure) {
        Finding kl = evaluation.get(Figure.KL_POLICY_PRIOR);
        String opening = switch (label) {
            case CONDITIONAL ->
                "The policy is the prior conditioned on " + options.reward() + ", as far as can be told";
            case MOSTLY -> "The policy is mostly the prior conditioned on " + options.reward();
            case PARTLY ->
                "The policy is " + (fraction.upper() < MOSTLY ? "only" : "at least")
                        + " partly the prior conditioned on " + options.reward();
            case NOT -> "The policy is not the prior conditioned on " + options.reward();
            case OPPOSITE -> "The policy moved against " + options.reward();
            case CANNOT_TELL ->
                fraction.upper() < MOSTLY
                        ? "The policy is not, or at most partly, the prior conditioned on " + options.reward()
                                + " (not means below " + Words.number(100 * PARTLY)
                                + " %, which lies within the interval)"
                        : "The intervals are too wide to say whether the policy is the prior conditioned on "
                                + options.reward();
        };
        return opening + ": of its move of " + Words.of(kl) + " nats, "
                + Words.percent(fraction) + " is Bayesian conditioning" + cap(label, fraction) + " and "
                + Words.of(departure) + " nats are departure that no number of copies explains." + copies()
                + assumed(label, fraction, kl);
    }

    /** What the label takes for granted where no range of the reward is stated, and a larger reward would leave it. */
    private String assumed(Verdict.Label label, Finding fraction, Finding kl) {
        PromptPool pool = evaluation.estimates().pool();
        if (pool.isExact() || pool.members().get(0).atoms().range() != null) {
            return "";
        }
        boolean further = label == Verdict.Label.CONDITIONAL; // which has room for twice the span
        double least = label == Verdict.Label.MOSTLY ? MOSTLY : label == Verdict.Label.PARTLY ? PARTLY : 0;
        boolean holds = fraction.estimate() - evaluation.unseen() / kl.estimate() >= least;
        if (further ? evaluation.unseen() < NOTHING_UNSEEN : holds) {
            return "";
        }
        return " This takes for granted that no text which no record shows has a reward beyond "
                + (further ? "twice the span of those seen, which end at " : "")
                + Unseen.reach(pool, evaluation.estimates().lambda())
                + ": state the reward's range, or draw more from the prior.";
    }

    /** What rules a conditional out where the interval of the fraction does not. */
    private String cap(Verdict.Label label, Finding fraction) {
        return label == Verdict.Label.NOT && fraction.upper() >= PARTLY
                ? " (at most " + Words.share(evaluation.mostFraction()) + " %, whatever the weights are)"
                : "";
    }

    private String copies() {
        Finding copies = evaluation.get(Figure.MOMENT_MATCH);
        if (!copies.stands() || !(copies.lower() <= copies.estimate() && copies.estimate() <= copies.upper())) {
            return "";
        }
        String words = new Copies(options.rewardType(), copies.lower(), copies.estimate(), copies.upper()).words();
        List<String> parts = new ArrayList<>();
        parts.add(" The reward it reached is that of " + words);
        if (copies.upper() == Double.POSITIVE_INFINITY) {
            parts.add("every policy record has its prompt's largest reward, so the records set no upper end");
        }
        if (options.beta() != null) {
            parts.add(againstAsked(copies, options.beta()));
        }
        if (SlopeAgreement.isTold(evaluation)) {
            parts.add(
                    SlopeAgreement.isOne(evaluation)
                            ? "the estimators of copies agree"
                            : SlopeAgreement.agrees(evaluation)
                                    ? "the estimators of copies differ only by texts that it hardly ever writes"
                                    : "the estimators of copies disagree, which no true conditional's do");
        }
        return String.join("; ", parts) + ".";
    }

    private String againstAsked(Finding copies, double beta) {
        double asked = 1 / beta;
        boolean fewer = Advice.isFewer(copies, asked);
        boolean differs = fewer || Advice.isMore(copies, asked);
        String side = !differs
                ? "in line with the "
                : evaluation.isAsAsked()
                        ? "less than a millionth of a nat from the "
                        : fewer ? "fewer than the " : "more than the ";
        return side + Words.number(asked) + " asked by beta = " + Words.number(beta);
    }

    private String undecided(Verdict.Label label) {
        Finding fraction = evaluation.get(Figure.BAYES_FRACTION);
        Finding kl = evaluation.get(Figure.KL_POLICY_PRIOR);
        Finding least = findings.get(LeastDeparture.ID);
        StringBuilder text = new StringBuilder();
        if (label == Verdict.Label.NOT) {
            text.append("The policy is not the prior conditioned on ").append(options.reward());
            text.append(": at most ").append(Words.share(evaluation.mostFraction()));
            text.append(
                    " % of its move is Bayesian conditioning, whatever Z is. How much exactly these records do not show: ");
            text.append(why(evaluation, fraction)).append('.');
        } else if (label != Verdict.Label.CANNOT_TELL) {
            text.append(
                    label == Verdict.Label.OPPOSITE
                            ? "The policy moved against "
                            : "The policy is at least " + label.words() + " the prior conditioned on ");
            text.append(options.reward()).append(": at least ").append(Words.share(evaluation.leastFraction()));
            text.append(
                    " % of its move is Bayesian conditioning, by the prior's draws of each level of the reward. How much"
                            + " exactly these records do not show: ");
            text.append(why(evaluation, fraction)).append('.');
        } else {
            text.append("Whether the policy is the prior conditioned on ").append(options.reward());
            text.append(" cannot be told from this input: ")
                    .append(why(evaluation, fraction))
                    .append('.');
        }
        if (least != null && least.stands() && least.lower() > 0 && !evaluation.isUnmoved()) {
            text.append(" At least ").append(Words.number(least.lower()));
            text.append(" nats of its move are departure, whatever Z is.");
        }
        if (kl.stands()) {
            text.append(" What still holds: it moved ").append(Words.of(kl)).append(" nats from the prior");
            append(
                    text,
                    Figure.POLICY_SLOPE,
                    "; under its own texts the log-ratio rises by %s for each unit of reward");
            append(
                    text,
                    Figure.RESIDUAL_VARIANCE,
                    " and varies by %s nats^2 at equal reward (a conditional's would not)");
            append(text, Figure.CEILING, "; a move this long amounts to at most %s copies, were the reward normal");
            text.append('.');
        }
        return text.toString();
    }

    /** Why a finding was withdrawn: the gates that did it, or what was missing. */
    private static String why(Evaluation of, Finding finding) {
        List<String> gates = of.gates().stream()
                .filter(gate -> gate.withdraws().contains(finding.id()))
                .map(Gate::id)
                .toList();
        if (gates.isEmpty()) {
            return String.valueOf(finding.reason());
        }
        return (gates.size() == 1 ? "the gate " : "the gates ") + String.join(", ", gates) + " withdrew "
                + finding.id();
    }

    private void append(StringBuilder text, Figure figure, String words) {
        Finding finding = evaluation.get(figure);
        if (finding.stands()) {
            text.append(String.format(words, Words.of(finding)));
        }
    }

    /** What the verdict speaks of. */
    private String scope() {
        Finding heldOut = findings.get("bayes_fraction.heldout");
        if (heldOut != null && heldOut.stands()) {
            return " On held-out prompts the same conditional accounts for " + Words.percent(heldOut) + " of the move.";
        }
        return evaluation.sources() == Sources.EXACT
                ? ""
                : " No prompts were held out: this speaks of the trained prompts alone.";
    }

    private static boolean isKnown(Evaluation held) {
        return held.get(Figure.KL_POLICY_ASKED).stands();
    }

    /** Against a member of the family whose Z these records do not show: none is nearer than the family's nearest. */
    private Verdict ruledOut(String target) {
        return new Verdict(
                Verdict.Label.NOT,
                "Against " + target + ": at most " + Words.share(evaluation.mostFraction())
                        + " % of the policy's move from the prior leads to any number of copies.",
                List.of());
    }

    /** Against a stated target: departure is KL(π‖target), the fraction 1 − that/KL(π‖π0). */
    private Verdict against(Evaluation held, String target) {
        Finding departure = held.get(Figure.KL_POLICY_ASKED);
        Finding kl = held.get(Figure.KL_POLICY_PRIOR);
        if (!departure.stands() || !kl.stands() || kl.estimate() < 1e-9) {
            String reason = departure.stands() ? "the policy cannot be told from the prior" : why(held, departure);
            return new Verdict(
                    Verdict.Label.CANNOT_TELL,
                    "Whether the policy is " + target + " cannot be told: " + reason + ".",
                    List.of());
        }
        if (!(departure.estimate() < Double.POSITIVE_INFINITY)) {
            return new Verdict(
                    Verdict.Label.NOT,
                    "Against " + target
                            + ": the policy writes texts that this target never does, so that no share of its"
                            + " move leads there." + outside(held.estimates().pool()),
                    List.of());
        }
        StandardErrors errors = held.errors();
        double half = errors == null
                ? 0
                : StudentT.quantile(errors.freedom()[Influence.ASKED_FRACTION])
                        * errors.errors()[Influence.ASKED_FRACTION];
        double fraction = 1 - departure.estimate() / kl.estimate();
        double lower = errors == null ? fraction : Math.min(fraction - half, 1 - departure.upper() / kl.estimate());
        double upper = Math.min(1, fraction + half);
        Verdict.Label label = label(lower, upper, departure.upper(), true);
        boolean safe = isSafe(fraction, departure.estimate(), held, held.unseenAsked());
        return new Verdict(
                label == Verdict.Label.CONDITIONAL && !safe ? Verdict.Label.MOSTLY : label,
                "Against " + target + ": the policy is " + Words.of(departure) + " nats away from it, "
                        + share(lower, fraction, upper) + ".",
                List.of());
    }

    /** How much lies outside the target, and how far the rest is from it: estimates, since the divergence that has an interval is infinite. */
    private static String outside(PromptPool pool) {
        double outside = 0;
        double within = 0;
        for (int c = 0; c < pool.size(); c++) {
            Target target = pool.members().get(c).target();
            double weight = pool.weight(c);
            outside += weight * target.outside();
            within += target.outside() < 1 ? weight * (1 - target.outside()) * target.klWithin() : 0;
        }
        String share = " About " + Words.share(outside) + " % of its texts are such";
        return outside < 1
                ? share + "; the others are about " + Words.number(within / (1 - outside)) + " nats away from it."
                : share + ".";
    }

    private static String share(double lower, double fraction, double upper) {
        if (!(fraction > 0)) {
            return "further than the prior is: none of its move leads there";
        }
        return "and " + Words.percent(lower, fraction, upper) + " of its move from the prior leads there";
    }
}
