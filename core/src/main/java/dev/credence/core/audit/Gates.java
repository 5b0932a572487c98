package dev.credence.core.audit;

import static dev.credence.core.audit.Gate.Status.FAIL;
import static dev.credence.core.audit.Gate.Status.PASS;
import static dev.credence.core.audit.Gate.Status.WARN;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The preconditions of a pool's figures (docs/gates.md): each says what it found and withdraws what cannot stand. */
final class Gates {
    private static final double ESS_WARN = 30;
    private static final double UNSEEN_WARN = 0.2;
    private static final double BLIND_MASS = 0.01;
    private static final double NO_UPDATE = 1e-9;
    private static final double THIN_BIAS = 0.25;

    /** From here on an interval that is not corrected covers less than nine in ten. */
    private static final double MOST_BIAS = 0.4;

    private final PromptPool pool;
    private final Estimates estimates;
    private final @Nullable StandardErrors errors;
    private final @Nullable IntervalEnds ends;
    private final Sources sources;
    private final @Nullable OverlapReport overlap;

    Gates(
            PromptPool pool,
            Estimates estimates,
            @Nullable StandardErrors errors,
            @Nullable IntervalEnds ends,
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
            gates.add(unseen(overlap));
            TiltOverlap tilts = TiltOverlap.of(pool);
            if (tilts.applies()) {
                gates.add(tilts.gate());
            }
        }
        gates.add(blindSpot());
        gates.addAll(ofTheLog(pool, sources, findings.keySet(), id -> true));
        if (errors != null && ends != null) {
            gates.add(thinPrompts(errors, ends, findings.keySet()));
        }
        gates.addAll(GroupPattern.of(pool));
        gates.add(noUpdate(findings));
        if (overlap != null && fromPrior && overlap.asked().length > 0) {
            gates.add(posteriorExists(overlap));
        }
        return gates;
    }

    /**
     * The gates that say of a pool's records as a whole that they cannot be.
     *
     * @param pool the prompts
     * @param sources what there is to draw on
     * @param ids the findings there are
     * @param isAsked whether the gate of an id is asked for
     */
    static List<Gate> ofTheLog(PromptPool pool, Sources sources, Set<String> ids, Predicate<String> isAsked) {
        List<Gate> gates = new ArrayList<>();
        if (isAsked.test("normalisation")) {
            gates.addAll(Normalisation.gates(pool, sources, ids));
        }
        if (sources == Sources.BOTH && isAsked.test("two_estimates")) {
            gates.add(TwoEstimates.of(pool, ids));
        }
        if (isAsked.test("total_probability") || isAsked.test("same_text")) {
            gates.addAll(TextGates.of(pool, ids));
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

    /** The overlaps that figures at the fitted λ, then at 1/β, rest on; none of what is not asked or cannot be told. */
    private Rested rested(OverlapReport overlap) {
        boolean fits = sources != Sources.PRIOR_ONLY;
        return new Rested(fits ? overlap.fitted() : new Overlap[0], overlap.asked());
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Rested(Overlap[] fitted, Overlap[] asked) {
        /** The larger of a figure's two values; the other where one is not a number. */
        double largest(ToDoubleFunction<Overlap[]> figure) {
            double atFit = figure.applyAsDouble(fitted);
            double atAsked = figure.applyAsDouble(asked);
            return Double.isNaN(atFit) ? atAsked : Double.isNaN(atAsked) ? atFit : Math.max(atFit, atAsked);
        }
    }

    private WeakPrompts weak(Overlap[] overlaps, Predicate<Overlap> isWeak) {
        return new WeakPrompts(pool, estimates, errors, overlaps, isWeak);
    }

    /** What is withdrawn of the figures at the fitted λ and at 1/β for the sake of their weak prompts. */
    private static List<String> withdrawn(WeakPrompts fitted, WeakPrompts asked) {
        List<String> withdraws = new ArrayList<>(fitted.vetoed(Withdrawals.FITTED));
        withdraws.addAll(asked.vetoed(Withdrawals.ASKED));
        return withdraws;
    }

    /** Which posterior a reason speaks of. */
    private static String which(boolean isFitted) {
        return isFitted ? "the posterior at the fitted copies" : "the posterior asked for (at 1/beta)";
    }

    /** Whose prompts a reason names; empty where they are all there is. */
    private static String whose(WeakPrompts fitted, WeakPrompts asked) {
        String named = fitted.isEmpty() ? asked.named() : fitted.named();
        return named.isEmpty() ? "" : " (" + named + ")";
    }

    private Gate ess(OverlapReport overlap) {
        Rested of = rested(overlap);
        double smallest = Double.POSITIVE_INFINITY;
        for (Overlap[] each : List.of(of.fitted, of.asked)) {
            smallest = each.length > 0 ? Math.min(smallest, OverlapReport.ess(each)) : smallest;
        }
        if (!(smallest < ESS_WARN)) {
            return new Gate(
                    "ess", PASS, smallest, text("at least %.0f effective records a prompt", smallest), List.of());
        }
        WeakPrompts fitted = weak(of.fitted, Overlap::isThin);
        WeakPrompts asked = weak(of.asked, Overlap::isThin);
        boolean single = errors != null && errors.isThin(); // the gate thin_prompts then withdraws all
        List<String> withdraws = single ? List.of() : withdrawn(fitted, asked);
        return new Gate(
                "ess",
                withdraws.isEmpty() ? WARN : FAIL,
                smallest,
                text(
                        "the thinnest prompt's weights of %s amount to %.1f equal records (at least 10 needed, 30"
                                + " wanted); about %.0f times the records would do%s",
                        which(OverlapReport.ess(of.fitted) <= smallest),
                        smallest,
                        Math.ceil(ESS_WARN / smallest),
                        whose(fitted, asked)),
                withdraws);
    }

    private Gate khat(OverlapReport overlap) {
        Rested of = rested(overlap);
        boolean tells = OverlapReport.hasTail(of.fitted) || OverlapReport.hasTail(of.asked);
        double largest = of.largest(OverlapReport::khat);
        if (!tells) {
            return new Gate("khat", PASS, largest, noTail(of.fitted.length > 0 ? of.fitted : of.asked), List.of());
        }
        WeakPrompts fitted = weak(of.fitted, Overlap::isHeavy);
        WeakPrompts asked = weak(of.asked, Overlap::isHeavy);
        if (fitted.isEmpty() && asked.isEmpty()) {
            return new Gate("khat", PASS, largest, lightTail(of), List.of());
        }
        double shape = of.largest(OverlapReport::heaviest);
        List<String> withdraws = withdrawn(fitted, asked);
        return new Gate(
                "khat",
                withdraws.isEmpty() ? WARN : FAIL,
                largest,
                text(
                        "the tail of the weights of %s is too heavy for this many records (Pareto k %.2f)%s; %s",
                        which(OverlapReport.heaviest(of.fitted) >= shape), shape, whose(fitted, asked), remedy(shape)),
                withdraws);
    }

    private static String lightTail(Rested of) {
        boolean byDraws = Stream.of(of.fitted, of.asked)
                .flatMap(Arrays::stream)
                .anyMatch(o -> o.hasTail() && o.draws() != null && o.looksHeavy());
        return byDraws
                ? "the weights' tails are light enough over all draws and texts that hardly recur: k of these records is that"
                        + " of thinned draws, or of a few texts again and again"
                : "the weights' tails are light enough for this many records";
    }

    private static String noTail(Overlap[] of) {
        boolean levels = Arrays.stream(of).anyMatch(o -> o.unseen().shape() == RewardShape.LEVELS);
        boolean bounded = Arrays.stream(of).anyMatch(o -> o.unseen().shape() == RewardShape.BOUNDED);
        return levels
                ? "levels: the reward takes few values, so that the weights are bounded and their tail says nothing"
                : bounded
                        ? "levels: the reward is bounded, so that the weights are, and their tail says nothing"
                        : "the weights are nearly alike";
    }

    private static String remedy(double khat) {
        double needed = dev.credence.core.diagnostics.ParetoTail.minimalSampleSize(khat);
        return needed > 1e7
                ? "no practical number of records mends it: draw from something closer to the posterior, or state the"
                        + " reward's range if it has one"
                : text("about %.0f records a prompt would do", Math.ceil(needed));
    }

    private Gate unseen(OverlapReport overlap) {
        Rested of = rested(overlap);
        double largest = of.largest(OverlapReport::unseen);
        if (Double.isNaN(largest)) {
            return new Gate("unseen", PASS, largest, "the reward has no levels: the weights' tail tells", List.of());
        }
        if (!(largest > UNSEEN_WARN)) {
            return new Gate(
                    "unseen", PASS, largest, "every reward level that matters was seen often enough", List.of());
        }
        WeakPrompts fitted = weak(of.fitted, Overlap::isUnseen);
        WeakPrompts asked = weak(of.asked, Overlap::isUnseen);
        List<String> withdraws = withdrawn(fitted, asked);
        return new Gate(
                "unseen",
                withdraws.isEmpty() ? WARN : FAIL,
                largest,
                text(
                        "%s of %s may lie on reward levels of which the prior's draws show fewer than 5%s%s; about %.0f times the draws from the prior would do (they may be thinned)",
                        largest < 1 ? text("up to %.0f %%", 100 * largest) : "all",
                        which(OverlapReport.unseen(of.fitted) >= largest),
                        whose(fitted, asked),
                        largest < 1 ? "" : text(" (bound %.2g)", largest),
                        Math.ceil(largest / UNSEEN_WARN)),
                withdraws);
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

    private double dropped(AtomTilt[] tilts) {
        return pool.mean(pool.values(c -> Target.dropped(pool.members().get(c).atoms(), tilts[c])));
    }

    private Gate thinPrompts(StandardErrors errors, IntervalEnds ends, Set<String> ids) {
        if (errors.isThin()) {
            return new Gate(
                    "thin_prompts",
                    FAIL,
                    Double.NaN,
                    single(errors)
                            + ": its spread cannot be told, so no interval can be given; draw at least two, or leave"
                            + " thin prompts out",
                    List.copyOf(ids));
        }
        double bias = ends.worstBias();
        if (bias > THIN_BIAS) {
            boolean leans = bias > MOST_BIAS;
            return new Gate(
                    "thin_prompts",
                    leans ? FAIL : WARN,
                    bias,
                    text(
                            "few records a prompt: the estimates lean by up to %.2f of their half-widths (the intervals are"
                                    + " corrected for it, the estimates are not%s); more records a prompt mend it, more prompts"
                                    + " do not",
                            bias, leans ? "; figures whose intervals are not corrected are withdrawn" : ""),
                    leans
                            ? Withdrawals.UNCORRECTED.stream()
                                    .filter(ids::contains)
                                    .toList()
                            : List.of());
        }
        return new Gate("thin_prompts", PASS, bias, "enough records a prompt for the estimates not to lean", List.of());
    }

    /** The prompts of which a source has a single unit. */
    private String single(StandardErrors errors) {
        List<String> names = IntStream.range(0, pool.size())
                .filter(errors::isThin)
                .mapToObj(c -> Words.quoted(pool.members().get(c).atoms().prompt()))
                .toList();
        String has = " has a single record (or group) of one source";
        return names.size() == 1
                ? "prompt " + names.get(0) + has
                : "each of " + names.size() + " prompts, such as " + names.get(0) + "," + has;
    }

    private Gate noUpdate(Map<String, Finding> findings) {
        Finding kl = java.util.Objects.requireNonNull(findings.get(Figure.KL_POLICY_PRIOR.id()));
        double elsewhere = errors == null ? 0 : movedElsewhere();
        if (elsewhere > NO_UPDATE) {
            return new Gate(
                    "no_update",
                    FAIL,
                    elsewhere,
                    text(
                            "all records have one log-ratio, up to %.3g nats from 0, as if the policy had moved texts alone that no"
                                    + " record shows: how far cannot be told",
                            elsewhere),
                    Withdrawals.MOVED_ELSEWHERE);
        }
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

    /**
     * The largest log-ratio where no prompt's records differ in theirs, in absolute value; 0 where some differ. A policy that gives all
     * it is seen to write the same share less than the prior does gives the rest to what is not seen.
     */
    private double movedElsewhere() {
        double largest = 0;
        for (PromptAtoms member : pool.members()) {
            AtomMoments moments = member.moments();
            double size = Math.max(1, Math.abs(moments.entropyPrior()));
            if (!(Math.sqrt(moments.mixture().ratioVariance()) <= NO_UPDATE * size)) {
                return 0;
            }
            double ratio =
                    Math.abs(moments.entropyPrior() - moments.entropyPolicy()); // weights are alike where ratios are
            largest = ratio <= NO_UPDATE * size ? largest : Math.max(largest, ratio);
        }
        return largest;
    }

    private Gate posteriorExists(OverlapReport overlap) {
        Overlap[] asked = overlap.asked();
        double khat = OverlapReport.khat(asked);
        if (!OverlapReport.hasTail(asked)) {
            return new Gate("posterior_exists", PASS, khat, noTail(asked), List.of());
        }
        WeakPrompts without = weak(asked, Overlap::hasNoMean);
        List<String> withdraws = without.vetoed(Withdrawals.ASKED);
        if (!without.isEmpty()) {
            return new Gate(
                    "posterior_exists",
                    withdraws.isEmpty() ? WARN : FAIL,
                    khat,
                    "Z(1/beta) is carried by the largest weights (Pareto k at or above 1)"
                            + whose(without, without)
                            + ": these records do not show that a posterior exists; with an unbounded reward it may not;"
                            + " state the reward's range if it has one, raise beta, or draw more where the posterior is",
                    withdraws);
        }
        return new Gate("posterior_exists", PASS, khat, "Z(1/beta) is a sum of many records", List.of());
    }

    static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
