package dev.credence.core.audit;

import static dev.credence.core.audit.Gate.Status.FAIL;
import static dev.credence.core.audit.Gate.Status.PASS;
import static dev.credence.core.audit.Gate.Status.WARN;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The preconditions of a pool's figures (CLI.md, "Gates"): each says what it found and withdraws what cannot stand. */
final class Gates {
    private static final double ESS_WARN = 30;
    private static final double ESS_FAIL = 10;
    private static final double NORMALISATION_ERRORS = 4;
    private static final double BLIND_MASS = 0.01;
    private static final double NO_UPDATE = 1e-9;
    private static final double THIN_BIAS = 0.25;

    private final Pool pool;
    private final Estimates estimates;
    private final @Nullable StandardErrors errors;
    private final @Nullable Ends ends;
    private final Sources sources;
    private final @Nullable OverlapReport overlap;

    Gates(
            Pool pool,
            Estimates estimates,
            @Nullable StandardErrors errors,
            @Nullable Ends ends,
            Sources sources,
            @Nullable OverlapReport overlap) {
        this.pool = pool;
        this.estimates = estimates;
        this.errors = errors;
        this.ends = ends;
        this.sources = sources;
        this.overlap = overlap;
    }

    List<Gate> all(Map<String, Finding> findings) {
        List<Gate> gates = new ArrayList<>();
        gates.add(support());
        boolean fromPrior = sources == Sources.BOTH || sources == Sources.PRIOR_ONLY;
        if (overlap != null && fromPrior) {
            gates.add(ess(overlap));
            gates.add(khat(overlap));
        }
        gates.add(blindSpot());
        if (sources == Sources.BOTH) {
            gates.add(normalisation(findings.keySet()));
        }
        if (errors != null && ends != null) {
            gates.add(thinPrompts(errors, ends, findings.keySet()));
        }
        gates.add(noUpdate(findings));
        if (overlap != null && fromPrior && !Double.isNaN(overlap.essAsked())) {
            gates.add(posteriorExists(overlap));
        }
        return gates;
    }

    private Gate support() {
        double outside = pool.mean(m -> m.atoms().massOutsidePrior());
        if (outside > 0) {
            return new Gate(
                    "support",
                    FAIL,
                    outside,
                    text(
                            "the policy gives %.3g of its mass to texts that the prior cannot produce: no evidence turns"
                                    + " the prior into it",
                            outside),
                    Withdrawals.ABSOLUTE_CONTINUITY);
        }
        double lost = pool.mean(m -> m.moments().lostMass());
        if (lost > 0) {
            return new Gate(
                    "support",
                    FAIL,
                    lost,
                    text(
                            "the policy gives nothing to %.3g of the prior's mass (a hard filter or a truncated sampler):"
                                    + " log-ratios are infinite there",
                            lost),
                    Withdrawals.FULL_SUPPORT);
        }
        return new Gate("support", PASS, 0, "the policy gives every text seen a probability", List.of());
    }

    private Gate ess(OverlapReport overlap) {
        double fitted = sources == Sources.PRIOR_ONLY ? Double.POSITIVE_INFINITY : overlap.essFitted();
        double smallest = fitted;
        List<String> withdraws = new ArrayList<>();
        if (fitted < ESS_FAIL) {
            withdraws.addAll(Withdrawals.FITTED);
        }
        if (!Double.isNaN(overlap.essAsked())) {
            smallest = Math.min(smallest, overlap.essAsked());
            if (overlap.essAsked() < ESS_FAIL) {
                withdraws.addAll(Withdrawals.ASKED);
            }
        }
        if (smallest < ESS_WARN) {
            double factor = ESS_WARN / smallest;
            return new Gate(
                    "ess",
                    withdraws.isEmpty() ? WARN : FAIL,
                    smallest,
                    text(
                            "the thinnest prompt's weights amount to %.1f equal records (at least 10 needed, 30 wanted);"
                                    + " about %.0f times the records would do",
                            smallest, Math.ceil(factor)),
                    withdraws);
        }
        return new Gate("ess", PASS, smallest, text("at least %.0f effective records a prompt", smallest), withdraws);
    }

    private Gate khat(OverlapReport overlap) {
        boolean both = sources == Sources.BOTH;
        double largest = both ? overlap.khatFitted() : Double.NaN;
        List<String> withdraws = new ArrayList<>();
        if (both && overlap.excessFitted() >= 0) {
            withdraws.addAll(Withdrawals.FITTED);
        }
        if (!Double.isNaN(overlap.khatAsked())) {
            largest = Double.isNaN(largest) ? overlap.khatAsked() : Math.max(largest, overlap.khatAsked());
            if (overlap.excessAsked() >= 0) {
                withdraws.addAll(Withdrawals.ASKED);
            }
        }
        if (withdraws.isEmpty()) {
            return new Gate(
                    "khat", PASS, largest, "the weights' tails are light enough for this many records", withdraws);
        }
        return new Gate(
                "khat",
                FAIL,
                largest,
                text(
                        "the weights' tail is too heavy for this many records (Pareto k %.2f); %s",
                        largest, remedy(largest)),
                withdraws);
    }

    private static String remedy(double khat) {
        double needed = dev.credence.core.diagnostics.ParetoTail.minimalSampleSize(khat);
        return needed > 1e7
                ? "no practical number of records mends it: draw from something closer to the posterior"
                : text("about %.0f records a prompt would do", Math.ceil(needed));
    }

    private Gate blindSpot() {
        if (sources == Sources.POLICY_ONLY) {
            return new Gate(
                    "blind_spot",
                    FAIL,
                    Double.NaN,
                    "the log has records of the policy alone: what the policy dropped cannot be seen in them; add"
                            + " records drawn from the prior, scored under both",
                    List.of("kl.prior_policy", "kl.asked_policy", "kl.departure", "bayes_fraction"));
        }
        double dropped = dropped(estimates.tilts());
        if (pool.isAsked()) {
            dropped = Math.max(dropped, pool.mean(m -> m.target().dropped()));
        }
        if (dropped > BLIND_MASS) {
            return new Gate(
                    "blind_spot",
                    WARN,
                    dropped,
                    text(
                            "%.1f %% of the posterior lies on prior records that the policy gives less than a hundredth of"
                                    + " it: modes were dropped, which records of the policy alone would not show",
                            100 * dropped),
                    List.of());
        }
        return new Gate("blind_spot", PASS, dropped, "no part of the posterior was dropped unseen", List.of());
    }

    private double dropped(Tilt[] tilts) {
        return pool.mean(IntStream.range(0, tilts.length)
                .parallel()
                .mapToDouble(c -> Target.dropped(pool.members().get(c).atoms(), tilts[c]))
                .toArray());
    }

    private Gate normalisation(Set<String> ids) {
        Normalisation means = Normalisation.of(pool);
        double deviation = means.deviation();
        if (deviation <= NORMALISATION_ERRORS) {
            return new Gate(
                    "normalisation",
                    PASS,
                    deviation,
                    "the recorded log-probabilities are those of the samplers",
                    List.of());
        }
        Set<String> withdraws = new LinkedHashSet<>(ids);
        withdraws.removeIf(id -> id.startsWith("ess.") || id.startsWith("khat.") || id.endsWith(".sampled"));
        return new Gate(
                "normalisation",
                FAIL,
                deviation,
                text(
                        "mean pi0/q is %.3f and mean pi/q %.3f where both should be 1 (%.1f standard errors away): the"
                                + " log-probabilities are not those of the samplers (temperature, truncation, a missing end"
                                + " token, another model?)",
                        means.priorMean(), means.policyMean(), deviation),
                List.copyOf(withdraws));
    }

    private static Gate thinPrompts(StandardErrors errors, Ends ends, Set<String> ids) {
        if (errors.isThin()) {
            return new Gate(
                    "thin_prompts",
                    FAIL,
                    Double.NaN,
                    "a prompt has a single record (or group) of one source: its spread cannot be told, so no interval"
                            + " can be given; draw at least two",
                    List.copyOf(ids));
        }
        double bias = ends.worstBias();
        if (bias > THIN_BIAS) {
            return new Gate(
                    "thin_prompts",
                    WARN,
                    bias,
                    text(
                            "few records a prompt: the estimates lean by up to %.2f of their half-widths (the intervals are"
                                    + " corrected for it, the estimates are not); more records a prompt mend it, more prompts do"
                                    + " not",
                            bias),
                    List.of());
        }
        return new Gate("thin_prompts", PASS, bias, "enough records a prompt for the estimates not to lean", List.of());
    }

    private Gate noUpdate(Map<String, Finding> findings) {
        Finding kl = java.util.Objects.requireNonNull(findings.get(Figure.KL_POLICY_PRIOR.id()));
        if (kl.estimate() < NO_UPDATE || (errors != null && kl.lower() <= 0)) {
            return new Gate(
                    "no_update",
                    FAIL,
                    kl.estimate(),
                    "the policy cannot be told from the prior: there is no move to divide into shares",
                    List.of("bayes_fraction"));
        }
        return new Gate("no_update", PASS, kl.estimate(), "the policy moved away from the prior", List.of());
    }

    private static Gate posteriorExists(OverlapReport overlap) {
        if (overlap.khatAsked() >= 1) {
            return new Gate(
                    "posterior_exists",
                    FAIL,
                    overlap.khatAsked(),
                    "Z(1/beta) is carried by the largest weights (Pareto k at or above 1): these records do not show that"
                            + " a posterior exists; with an unbounded reward it may not; bound the reward, raise beta, or"
                            + " draw more where the posterior is",
                    Withdrawals.ASKED);
        }
        return new Gate("posterior_exists", PASS, overlap.khatAsked(), "Z(1/beta) is a sum of many records", List.of());
    }

    static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
