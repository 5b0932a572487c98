package dev.credence.core.audit;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The 95 % intervals of all figures of one pool: the jackknife's for the six headline figures, first-order ones for the
 * others, and what holds at the edges of the family.
 */
final class IntervalEnds {
    /** Departures and explained KLs below this are taken for zero: rounding of an exact member, or of no update. */
    static final double ZERO = 1e-12;

    /** From this many units in every stratum on, and this effective size, the second-order terms are a few hundredths of an error. */
    private static final double LARGE_STRATUM = 500;

    private static final double LARGE_ESS = 100;

    /** First-order means over the asked posterior, whose weights have a long tail: the end on its side has room for their skewness. */
    private static final Set<Figure> SKEWED =
            EnumSet.of(Figure.KL_ASKED_PRIOR, Figure.REWARD_ASKED, Figure.ENTROPY_ASKED);

    /** Of a half-width: a bias from here on is said. */
    private static final double LEAN = 0.25;

    /** A family that the policy dropped has at least so many times its mass under the posterior (the blind spot's). */
    private static final double DROPPED = 100;

    private static final String UNSEEN =
            "the far end leaves room for texts that no record shows (rule of three), with a reward of ";

    private static final String DROPPED_TEXTS =
            "the upper end leaves room for texts of the prior that no record shows (rule of three), were they dropped";

    private static final String ELSEWHERE =
            "the far end leaves room for what prompts moved whose records have one log-ratio: to texts that none shows";

    /**
     * One interval.
     *
     * @param lower lower end; NaN where there is none
     * @param upper upper end; NaN where there is none
     * @param method the name that the JSON gives it
     * @param note what a reader must know of it, or null
     */
    record End(
            double lower,
            double upper,
            String method,
            @Nullable String note) {
        End(double lower, double upper, String method) {
            this(lower, upper, method, null);
        }
    }

    private final Influence influence;
    private final Estimates estimates;
    private final StandardErrors errors;
    private final Map<Figure, End> ends = new EnumMap<>(Figure.class);
    private double worstBias;

    private IntervalEnds(Influence influence, StandardErrors errors) {
        this.influence = influence;
        this.estimates = influence.estimates();
        this.errors = errors;
    }

    static IntervalEnds of(Influence influence, StandardErrors errors, OverlapReport overlap) {
        IntervalEnds ends = new IntervalEnds(influence, errors);
        ends.firstOrder();
        boolean finite = Math.abs(ends.estimates.lambda()) < Double.POSITIVE_INFINITY;
        // Of a proposal that is itself estimated the jackknife would have to be solved again for each record.
        boolean solves = ends.estimates.pool().members().stream()
                .anyMatch(m -> m.atoms().mixture() != null || EstimatedDraws.applies(m.atoms()));
        boolean large = ends.isLarge(overlap);
        if (finite && ends.estimates.varianceAtFit() > 0 && !ends.isArgmax() && !solves && !large) {
            ends.jackknife();
        }
        if (!solves && !large) {
            ends.jackknifeAsked();
        }
        if (!large) {
            ends.leaveOutOfRegression();
        }
        ends.leaveRoomForARecord();
        ends.edges();
        ends.reachZeroOfLearntTargets();
        ends.leaveRoomForUnseen(overlap);
        ends.leaveRoomForDropped();
        ends.leaveRoomForMovesElsewhere();
        ends.widenRecall();
        ends.holdEstimates();
        return ends;
    }

    End of(Figure figure) {
        return java.util.Objects.requireNonNull(ends.get(figure));
    }

    /** The largest jackknife bias of a headline figure, in half-widths of its interval; 0 where none was computed. */
    double worstBias() {
        return worstBias;
    }

    private boolean isLarge(OverlapReport overlap) {
        double fewest = Double.POSITIVE_INFINITY;
        List<PromptAtoms> members = estimates.pool().members();
        for (int c = 0; c < members.size(); c++) {
            Atoms atoms = members.get(c).atoms();
            for (int s = 0; s < atoms.strata(); s++) {
                double unitsKept = errors.units()[c][s] * atoms.records(s) / atoms.draws(s);
                fewest = unitsKept > 0 ? Math.min(fewest, unitsKept) : fewest;
            }
        }
        double asked = OverlapReport.ess(overlap.asked());
        return fewest >= LARGE_STRATUM
                && OverlapReport.ess(overlap.fitted()) >= LARGE_ESS
                && (Double.isNaN(asked) || asked >= LARGE_ESS);
    }

    private void firstOrder() {
        for (Figure figure : Figure.values()) {
            double t = StudentT.quantile(errors.freedom()[figure.ordinal()]);
            double skewness = SKEWED.contains(figure) ? errors.skewness()[figure.ordinal()] : 0;
            double below = StudentT.skewed(t, -skewness) * errors.of(figure);
            double above = StudentT.skewed(t, skewness) * errors.of(figure);
            double lower =
                    Intervals.of(figure.scale(), estimates.get(figure), below).lower();
            double upper =
                    Intervals.of(figure.scale(), estimates.get(figure), above).upper();
            ends.put(figure, new End(lower, upper, "influence"));
        }
        putModes(Figure.MODES_PRIOR, Figure.ENTROPY_PRIOR);
        putModes(Figure.MODES_POLICY, Figure.ENTROPY_POLICY);
        putModes(Figure.MODES_ASKED, Figure.ENTROPY_ASKED);
    }

    private void leaveOutOfRegression() {
        widen(
                estimates.nuisances().leverageFactors(estimates.pool()),
                Figure.NUISANCE_LOG_PRIOR,
                Figure.NUISANCE_LENGTH,
                Figure.NUISANCE_REWARD_SQUARED);
        widen(
                SlopeLeverage.factors(estimates.pool(), estimates.slopes()),
                Figure.PRIOR_SLOPE,
                Figure.POLICY_SLOPE,
                Figure.MIXTURE_SLOPE);
    }

    private void widen(double[] factors, Figure... figures) {
        for (int k = 0; k < figures.length; k++) {
            Figure figure = figures[k];
            double half = StudentT.quantile(errors.freedom()[figure.ordinal()]) * errors.of(figure) * factors[k];
            Intervals.Limits both = Intervals.of(figure.scale(), estimates.get(figure), half);
            ends.put(figure, new End(both.lower(), both.upper(), "influence"));
        }
    }

    private void putModes(Figure modes, Figure entropy) {
        End end = of(entropy);
        ends.put(modes, new End(Math.exp(end.lower), Math.exp(end.upper), end.method));
    }

    private void jackknife() {
        Jackknife.Interval[] intervals = new Jackknife(influence, errors).intervals();
        for (int k = 0; k < intervals.length; k++) {
            Figure figure = Reweighting.FIGURES[k];
            if (errors.of(figure) > 0 && Math.abs(estimates.get(figure)) < Double.POSITIVE_INFINITY) {
                Jackknife.Interval interval = intervals[k];
                String note = interval.bias() > LEAN
                        ? Gates.text("few records a prompt: less its bias it is %.4g", interval.corrected())
                        : null;
                ends.put(figure, new End(interval.lower(), interval.upper(), "influence+jackknife", note));
                worstBias = Math.max(worstBias, interval.bias());
            }
        }
        double leans = lean(intervals[Reweighting.KL], Figure.KL_POLICY_PRIOR)
                + lean(intervals[Reweighting.LOG_Z], Figure.LOG_Z);
        makeRoom(Figure.KL_POLICY_ASKED, leans);
        makeRoom(
                Figure.GAP_OBJECTIVE,
                leans * estimates.get(Figure.GAP_OBJECTIVE) / estimates.get(Figure.KL_POLICY_ASKED));
    }

    /** Of a figure that needs no fitted λ. */
    private void jackknifeAsked() {
        AskedJackknife leftOut = AskedJackknife.of(estimates.pool(), errors);
        Figure figure = Figure.KL_ASKED_POLICY;
        if (leftOut == null || !(leftOut.error() > 0)) {
            return;
        }
        double corrected = Math.max(0, estimates.get(figure) - leftOut.bias());
        double half = StudentT.quantile(leftOut.freedom()) * leftOut.error();
        Intervals.Limits both = Intervals.of(figure.scale(), corrected, half);
        String note = Math.abs(leftOut.bias()) > LEAN * half
                ? Gates.text("few records a prompt: less its bias it is %.4g", corrected)
                : null;
        ends.put(figure, new End(both.lower(), both.upper(), "influence+jackknife", note));
    }

    private double lean(Jackknife.Interval interval, Figure figure) {
        return estimates.get(figure) - interval.corrected();
    }

    /** KL(π‖asked) is KL(π‖π0) − E_π r/β + log Z, and leans as the two divergences do: the end that it leans from gives way. */
    private void makeRoom(Figure figure, double leans) {
        End end = of(figure);
        if (Double.isFinite(leans)) {
            double lower = Math.max(0, end.lower - Math.max(0, leans));
            ends.put(figure, new End(lower, end.upper - Math.min(0, leans), end.method, end.note));
        }
    }

    private void edges() {
        if (estimates.get(Figure.KL_DEPARTURE) < ZERO) {
            ends.put(Figure.KL_DEPARTURE, new End(0, 0, "influence"));
            ends.put(Figure.BAYES_FRACTION, new End(1, 1, "influence"));
        }
        if (estimates.get(Figure.KL_EXPLAINED) < ZERO) {
            nothingExplained();
        }
        if (allPolicyRecordsAtMax()) {
            End end = of(Figure.MOMENT_MATCH);
            ends.put(Figure.MOMENT_MATCH, new End(end.lower, Double.POSITIVE_INFINITY, end.method));
        }
        if (isArgmax()) {
            double sigma = Math.sqrt(estimates.slopes().priorVariance());
            double least = Math.min(leastCopies(), estimates.lambda());
            ends.put(Figure.MOMENT_MATCH, new End(least, Double.POSITIVE_INFINITY, "rule of three"));
            ends.put(Figure.PER_SIGMA, new End(least * sigma, Double.POSITIVE_INFINITY, "rule of three"));
        }
    }

    /**
     * What a target learns from the records makes its distance from its own policy small but never nought: where the error
     * is as large as the distance, nought is in the interval, which no logarithm reaches.
     */
    private void reachZeroOfLearntTargets() {
        if (!estimates.pool().isAsked()
                || estimates.pool().members().stream().allMatch(m -> m.target().learnt() == null)) {
            return;
        }
        for (Figure figure : new Figure[] {Figure.KL_POLICY_ASKED, Figure.KL_ASKED_POLICY}) {
            End end = of(figure);
            double half = StudentT.quantile(errors.freedom()[figure.ordinal()]) * errors.of(figure);
            if (estimates.get(figure) <= half) {
                ends.put(figure, new End(0, end.upper, end.method, end.note));
            }
        }
    }

    /** Whether the fitted conditional writes the largest rewards alone, as far as digits go: no derivative by λ is left. */
    private boolean isArgmax() {
        boolean isOneLevel =
                estimates.lambda() > 0 && Double.isNaN(estimates.slopes().policy());
        return estimates.lambda() == Double.POSITIVE_INFINITY || (isOneLevel && allPolicyRecordsAtMax());
    }

    /**
     * No interval claims more than 3/n allows: a family of texts of the largest reward that no draw of the prior shows
     * would add to log Z, hence to what the policy departs and misses, and take from what is explained.
     */
    private void leaveRoomForUnseen(OverlapReport overlap) {
        double fitted = addedLogMass(overlap.fitted());
        raise(Figure.KL_DEPARTURE, fitted);
        lower(Figure.BAYES_FRACTION, fitted / estimates.get(Figure.KL_POLICY_PRIOR));
        if (overlap.asked().length > 0) {
            double asked = addedLogMass(overlap.asked());
            raise(Figure.LOG_Z, asked);
            raise(Figure.KL_POLICY_ASKED, asked);
            raise(Figure.GAP_OBJECTIVE, asked * influence.objectiveScale());
            lower(Figure.RECALL, -Math.expm1(-asked) * estimates.get(Figure.RECALL));
            raise(Figure.KL_ASKED_POLICY, asked - Math.expm1(-asked) * Math.log(DROPPED));
        }
    }

    /**
     * Texts that no record shows, whatever their reward: if the policy dropped them it moved by −log of what is left of the
     * prior, all of which may be conditioning, for the departure from what the records show stays as it is.
     */
    private void leaveRoomForDropped() {
        double dropped = Unseen.droppedLogMass(estimates.pool());
        double kl = estimates.get(Figure.KL_POLICY_PRIOR);
        if (!(dropped > 0 && kl > ZERO)) {
            return;
        }
        raise(Figure.KL_POLICY_PRIOR, dropped, DROPPED_TEXTS);
        raise(Figure.KL_PRIOR_POLICY, dropped - Math.expm1(-dropped) * Math.log(DROPPED), DROPPED_TEXTS);
        if (estimates.pool().members().stream()
                .anyMatch(m -> m.moments().maxReward() > m.moments().minReward())) {
            raise(Figure.KL_EXPLAINED, dropped, DROPPED_TEXTS);
            double departing = 1 - estimates.get(Figure.BAYES_FRACTION);
            raise(Figure.BAYES_FRACTION, departing * dropped / (kl + dropped), DROPPED_TEXTS);
        }
    }

    /**
     * Records of a source that are all alike show no spread, and yet one of them might have been as the other source's are
     * (a rare target that no draw of the prior hit): no divergence is known more narrowly than by such a record.
     */
    private void leaveRoomForARecord() {
        for (Figure figure : Figure.values()) {
            double estimate = estimates.get(figure);
            if (!figure.unit().equals("nats") || !(Math.abs(estimate) < Double.POSITIVE_INFINITY)) {
                continue;
            }
            End end = of(figure);
            double room = Math.sqrt(errors.apart()[figure.ordinal()]);
            if (room > ZERO && room < Double.POSITIVE_INFINITY && end.lower <= end.upper) {
                double least = figure == Figure.LOG_Z ? estimate - room : Math.max(0, estimate - room);
                ends.put(
                        figure,
                        new End(
                                Math.min(end.lower, least),
                                Math.max(end.upper, estimate + room),
                                end.method,
                                end.note));
            }
        }
    }

    /**
     * A prompt whose records have one log-ratio, not 0, has an estimate of 0 with no error, and moved all the same: its known
     * texts say by how much at least. What a mean over prompts lacks for it is added to its far end.
     */
    private void leaveRoomForMovesElsewhere() {
        double least = SampledKl.elsewhere(estimates.pool()).least();
        if (!(least > ZERO)) {
            return;
        }
        double share = least / (estimates.get(Figure.KL_POLICY_PRIOR) + least);
        widen(Figure.KL_POLICY_PRIOR, 0, least);
        widen(Figure.KL_EXPLAINED, 0, least);
        widen(Figure.KL_DEPARTURE, 0, least);
        widen(Figure.BAYES_FRACTION, share, share);
        widen(Figure.KL_POLICY_ASKED, 0, least);
        widen(Figure.GAP_OBJECTIVE, 0, least * influence.objectiveScale());
    }

    private void widen(Figure figure, double below, double above) {
        End end = of(figure);
        double most = figure == Figure.BAYES_FRACTION ? 1 : Double.POSITIVE_INFINITY;
        if (!Double.isNaN(end.lower) && !Double.isNaN(end.upper)) {
            String note = noted(end, ELSEWHERE);
            double lower = below > 0 ? Math.max(0, end.lower - below) : end.lower;
            ends.put(figure, new End(lower, Math.min(most, end.upper + above), end.method, note));
        }
    }

    /** Recall has a step that no derivative sees: its ends leave room for the texts near it. */
    private void widenRecall() {
        double recall = estimates.get(Figure.RECALL);
        if (!estimates.pool().isAsked() || Double.isNaN(recall)) {
            return;
        }
        RecallEdge edge = RecallEdge.of(estimates.pool());
        End end = of(Figure.RECALL);
        double lower = recall - Math.hypot(recall - end.lower, edge.loss());
        double upper = recall + Math.hypot(end.upper - recall, edge.gain());
        ends.put(
                Figure.RECALL,
                new End(
                        Double.isNaN(lower) ? lower : Math.max(0, lower),
                        Double.isNaN(upper) ? upper : Math.min(1, upper),
                        end.method,
                        end.note));
    }

    private double addedLogMass(Overlap[] of) {
        return Unseen.addedLogMass(
                estimates.pool(),
                java.util.Arrays.stream(of).mapToDouble(o -> o.unseen().top()).toArray());
    }

    private void raise(Figure figure, double by) {
        raise(figure, by, unseen());
    }

    private void raise(Figure figure, double by, String why) {
        End end = of(figure);
        double least = estimates.get(figure) + by;
        if (least > end.upper) {
            ends.put(figure, new End(end.lower, least, end.method, noted(end, why)));
        }
    }

    private void lower(Figure figure, double by) {
        End end = of(figure);
        double most = Math.max(0, estimates.get(figure) - by);
        if (most < end.lower) {
            ends.put(figure, new End(most, end.upper, end.method, noted(end, unseen())));
        }
    }

    private String unseen() {
        return UNSEEN + Unseen.reach(estimates.pool(), estimates.lambda());
    }

    private static String noted(End end, String why) {
        return end.note == null ? why : end.note + "; " + why;
    }

    private void holdEstimates() {
        for (Figure figure : Figure.values()) {
            End end = of(figure);
            Intervals.Limits both = new Intervals.Limits(end.lower, end.upper).holding(estimates.get(figure));
            ends.put(figure, new End(both.lower(), both.upper(), end.method, end.note));
        }
    }

    /** At λ = 0 the square root has no slope: the interval of the explained KL comes from that of λ. */
    private void nothingExplained() {
        End copies = of(Figure.MOMENT_MATCH);
        double largest = Math.max(copies.lower * copies.lower, copies.upper * copies.upper);
        double upper = estimates.varianceAtFit() > 0 ? estimates.varianceAtFit() * largest / 2 : 0;
        double kl = estimates.get(Figure.KL_POLICY_PRIOR);
        ends.put(Figure.KL_EXPLAINED, new End(0, upper, "influence"));
        ends.put(Figure.BAYES_FRACTION, new End(0, Math.min(1, upper / kl), "influence"));
    }

    /** Whether the records give λ no upper end: every record of the policy has its prompt's largest reward. */
    boolean allPolicyRecordsAtMax() {
        boolean varies = false;
        for (PromptAtoms member : estimates.pool().members()) {
            varies |= member.moments().maxReward() > member.moments().minReward();
            if (member.moments().policyRecordsBelowMax() > 0) {
                return false;
            }
        }
        return varies;
    }

    /** The λ at which all n1 policy records reach the largest reward with probability 1/40. */
    private double leastCopies() {
        double low = 0;
        double high = 1;
        while (surprise(high) > Math.log(40) && high < 1e12) {
            low = high;
            high *= 2;
        }
        for (int k = 0; k < 80; k++) {
            double middle = 0.5 * (low + high);
            if (surprise(middle) > Math.log(40)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return 0.5 * (low + high);
    }

    /** −log probability of n1 draws at the largest reward from each prompt's tilt. */
    private double surprise(double lambda) {
        PromptPool pool = estimates.pool();
        TiltSums[] sums = pool.tiltSums(lambda);
        double surprise = 0;
        for (int c = 0; c < sums.length; c++) {
            Atoms atoms = pool.members().get(c).atoms();
            AtomTilt fitted = estimates.tilts()[c];
            double relative =
                    fitted.logZ() - (Double.isInfinite(fitted.lambda()) ? 0 : fitted.lambda() * fitted.extreme());
            double extremeMass = Math.exp(relative); // an argmax's log Z is that of its mass
            surprise -= atoms.records(RolloutLog.POLICY) * Math.log(extremeMass / sums[c].one());
        }
        return surprise;
    }
}
