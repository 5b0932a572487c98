package dev.credence.lab.conditioning;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.StudentT;
import dev.credence.core.audit.Verdict;
import dev.credence.core.diagnostics.RunningMean;
import dev.credence.core.diagnostics.SampleMean;
import dev.credence.core.evidence.LogBounds;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.probability.LogMath;
import dev.credence.methods.ParticleRun;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What runs of sequential Monte Carlo say: log Z between stochastic bounds, how far their draws are from the posterior at most, the
 * particles' effective size. Runs are the units of every interval.
 */
public final class ParticleFindings {
    /** log Z. */
    static final String LOG_Z = "log_z";

    private static final String TO_AIM = "kl.policy_aimed.bound";
    private static final String FROM_AIM = "kl.aimed_policy.bound";
    private static final String INTERVAL = "mean of runs";
    private static final String NO_UPPER = "no upper bound of log Z, as there are no exact draws of the posterior: ";
    private static final double KNOWN = 1e-9; // nats; a search knows log Z to rounding
    private static final double SINGLE = 1e-6; // nats; by which models in single precision differ from themselves

    private final List<OfPrompt> prompts;
    private final double copies;
    private final Estimate lower;
    private final Estimate upper;
    private final Estimate tilted; // λ times the mean reward of the draws
    private final double known; // log Z where searches know it, else NaN

    /**
     * Figures of runs.
     *
     * @param prompts by prompt
     * @param copies λ of what was aimed at
     */
    public ParticleFindings(List<OfPrompt> prompts, double copies) {
        this.prompts = List.copyOf(prompts);
        this.copies = copies;
        this.lower = mean(OfPrompt::runs, ParticleRun::logPartition);
        boolean hasUpper = prompts.stream().noneMatch(prompt -> prompt.retaining.isEmpty());
        this.upper =
                hasUpper ? mean(OfPrompt::retaining, ParticleRun::logPartition) : new Estimate(Double.NaN, Double.NaN);
        this.tilted = mean(OfPrompt::runs, this::tilted);
        this.known = known();
    }

    /**
     * The runs of one prompt.
     *
     * @param weight its share of all prompts
     * @param runs from the prior
     * @param retaining that keep an exact draw of the posterior; none where there are no such draws
     * @param why there are none, else empty
     * @param logPartition what a search knows of log Z, nats
     */
    public record OfPrompt(
            double weight, List<ParticleRun> runs, List<ParticleRun> retaining, String why, LogBounds logPartition) {}

    /**
     * An audit of the draws with these figures.
     *
     * @param audit of the draws, whose figures that need their probabilities may be withdrawn
     * @param isAsked whether what was asked is what was aimed at, so that the bounds speak of it
     * @return the audit with bounds in the place of what runs know better
     */
    StepAudit over(StepAudit audit, boolean isAsked) {
        Map<String, Finding> findings = new LinkedHashMap<>(audit.findings());
        findings.putAll(byId());
        Verdict verdict = audit.verdict();
        Map<String, Finding> ledger = isAsked ? ledger() : Map.of();
        if (!ledger.isEmpty()) {
            findings.putAll(ledger);
            verdict = verdict(findings);
        }
        return audit.withFindings(findings).withVerdict(verdict);
    }

    /** {@return (id) what runs alone say over all prompts: log Z, the two bounds of a divergence, and their sizes} */
    public Map<String, Finding> byId() {
        Map<String, Finding> findings = new LinkedHashMap<>();
        put(findings, logZ());
        put(findings, bound(TO_AIM, "How far is one particle of a run from the posterior aimed at, at most?", toAim()));
        put(findings, bound(FROM_AIM, "How much of the posterior aimed at do runs miss, at most?", fromAim()));
        put(
                findings,
                count(
                        "ess",
                        "How many equally weighted particles are a run's last ones worth?",
                        "particles",
                        mean(OfPrompt::runs, ParticleRun::effectiveSize)));
        put(
                findings,
                count(
                        "resamplings",
                        "How often were a run's particles resampled?",
                        "a run",
                        mean(OfPrompt::runs, ParticleRun::resamplings)));
        put(
                findings,
                count(
                        "tokens.drawn",
                        "How many tokens did a run's particles draw?",
                        "tokens",
                        mean(OfPrompt::runs, ParticleRun::tokens)));
        return findings;
    }

    /**
     * With KL(π‖aimed) between 0 and U, KL(π‖π0) is λR − log Z more than it: the ledger of the draws between bounds
     * (docs/theory.md#sequential-monte-carlo).
     *
     * @return (id) figures, nats and shares; none where some prompt has no bound, or a run no particle with the evidence
     */
    public Map<String, Finding> ledger() {
        Estimate most = toAim();
        if (!Double.isFinite(most.mean)) {
            return Map.of();
        }
        double u = most.mean + most.half;
        double missed = fromAim().mean + fromAim().half;
        double logZ = Double.isNaN(known) ? (lower.mean + upper.mean) / 2 : known;
        double off = Double.isNaN(known) ? (upper.mean + upper.half - lower.mean + lower.half) / 2 : 0;
        double half = tilted.half + off;
        double least = Math.max(0, tilted.mean - half - logZ);
        double greatest = Math.max(least, tilted.mean + half - logZ + u);
        double share = u == 0 ? 1 : least / (least + u);
        Map<String, Finding> findings = new LinkedHashMap<>();
        put(findings, between("kl.policy_asked", "How far is the policy from what was asked?", 0, u, "nats"));
        put(findings, between("kl.asked_policy", "How much of what was asked did the policy miss?", 0, missed, "nats"));
        put(findings, between("kl.departure", "How far is the policy from the nearest posterior?", 0, u, "nats"));
        put(
                findings,
                between("kl.policy_prior", "How far did the policy move from the prior?", least, greatest, "nats"));
        put(findings, between("kl.explained", "How much of the move is conditioning?", least, greatest, "nats"));
        put(
                findings,
                between("bayes_fraction", "Which share of the move is Bayesian conditioning?", share, 1, "share"));
        return findings;
    }

    private static Finding between(String id, String question, double least, double most, String unit) {
        boolean isExact = least == most;
        return new Finding(
                id,
                question,
                least,
                isExact ? least : (least + most) / 2,
                most,
                isExact ? Grade.EXACT : Grade.ESTIMATED,
                unit,
                isExact ? null : "bounds by runs",
                null);
    }

    private static Verdict verdict(Map<String, Finding> findings) {
        Finding fraction = findings.get("bayes_fraction");
        Finding departure = findings.get("kl.departure");
        if (fraction == null || departure == null) {
            throw new IllegalStateException("a ledger has both");
        }
        String text = departure.upper() == 0
                ? "The policy is the prior conditioned on what was asked: proposals and twists are exact, and all weights the"
                        + " same."
                : String.format(
                        "The policy is at most %s nats from the prior conditioned on what was asked, and at least %s of its"
                                + " move is conditioning, by the runs' estimates of Z.",
                        FigureFormat.of(departure.upper()), FigureFormat.of(fraction.lower()));
        return new Verdict(AdmittedAudit.label(fraction, departure, true), text, List.of());
    }

    private static void put(Map<String, Finding> findings, Finding finding) {
        findings.put(finding.id(), finding);
    }

    /** A mean over prompts and half its 95 % interval. */
    private record Estimate(double mean, double half) {}

    private Estimate mean(Function<OfPrompt, List<ParticleRun>> which, ToDoubleFunction<ParticleRun> figure) {
        double mean = 0;
        double variance = 0;
        long fewest = Long.MAX_VALUE;
        for (OfPrompt prompt : prompts) {
            RunningMean running = new RunningMean();
            which.apply(prompt).forEach(run -> running.add(figure.applyAsDouble(run)));
            SampleMean own = running.result();
            boolean isDead =
                    which.apply(prompt).stream().anyMatch(run -> figure.applyAsDouble(run) == Double.NEGATIVE_INFINITY);
            mean += prompt.weight * (isDead ? Double.NEGATIVE_INFINITY : own.mean());
            variance += prompt.weight * prompt.weight * own.standardError() * own.standardError();
            fewest = Math.min(fewest, own.count());
        }
        double half = StudentT.ofMean((int) Math.min(fewest, Integer.MAX_VALUE)) * Math.sqrt(variance);
        return new Estimate(mean, Double.isNaN(half) ? 0 : half);
    }

    /** λ times the mean reward of a run's particles. */
    private double tilted(ParticleRun run) {
        if (!run.isAlive()) {
            return Double.NaN;
        }
        double[] weights = run.logWeights();
        double total = LogMath.logSumExp(weights);
        double sum = 0;
        for (int k = 0; k < weights.length; k++) {
            double weight = Math.exp(weights[k] - total);
            sum += weight > 0 ? weight * run.texts().get(k).logLikelihood() : 0;
        }
        return copies * sum;
    }

    private Finding logZ() {
        double estimate = 0;
        for (OfPrompt prompt : prompts) {
            double[] all =
                    prompt.runs.stream().mapToDouble(ParticleRun::logPartition).toArray();
            estimate += prompt.weight * (LogMath.logSumExp(all) - Math.log(all.length));
        }
        double least = Math.min(lower.mean - lower.half, estimate);
        double most = Double.isNaN(upper.mean) ? Double.NaN : Math.max(upper.mean + upper.half, estimate);
        boolean isKnown = !Double.isNaN(known) && most - least <= SINGLE;
        return new Finding(
                LOG_Z,
                "Between which bounds is log Z, by runs from the prior and runs that retain a draw of the posterior?",
                isKnown ? known : least,
                isKnown ? known : estimate,
                isKnown ? known : most,
                isKnown ? Grade.EXACT : Grade.ESTIMATED,
                "nats",
                isKnown ? null : "stochastic bounds",
                Double.isNaN(upper.mean) ? NO_UPPER + why() : null);
    }

    /** log Z where searches know it of every prompt, else NaN. */
    private double known() {
        double sum = 0;
        for (OfPrompt prompt : prompts) {
            LogBounds bounds = prompt.logPartition;
            boolean isKnown = bounds.upper() - bounds.lower() <= KNOWN;
            sum += prompt.weight * (isKnown ? bounds.upper() : Double.NaN);
        }
        return sum;
    }

    /** log Z − E log Ẑ; with an unknown log Z the gap of both bounds, which is no smaller. */
    private Estimate toAim() {
        double top = Double.isNaN(known) ? upper.mean : known;
        return positive(top - lower.mean, lower.half + (Double.isNaN(known) ? upper.half : 0));
    }

    /** E log Ẑ of runs that retain an exact draw, less log Z; or the gap of both bounds. */
    private Estimate fromAim() {
        double bottom = Double.isNaN(known) ? lower.mean : known;
        return positive(upper.mean - bottom, upper.half + (Double.isNaN(known) ? lower.half : 0));
    }

    /** No divergence is below 0; what single precision leaves of 0 is none. */
    private static Estimate positive(double gap, double half) {
        return Math.abs(gap) + half <= SINGLE ? new Estimate(0, 0) : new Estimate(Math.max(0, gap), half);
    }

    private Finding bound(String id, String question, Estimate most) {
        Finding finding = new Finding(
                id,
                question,
                Math.max(0, most.mean - most.half),
                most.mean,
                most.mean + most.half,
                most.half == 0 ? Grade.EXACT : Grade.ESTIMATED,
                "nats",
                most.half == 0 ? null : INTERVAL,
                null);
        boolean isDead = lower.mean == Double.NEGATIVE_INFINITY;
        return Double.isNaN(most.mean)
                ? finding.withdrawn(NO_UPPER + why())
                : isDead ? finding.withdrawn("some runs have no particle with the evidence") : finding;
    }

    private static Finding count(String id, String question, String unit, Estimate of) {
        return new Finding(
                id,
                question,
                Math.max(0, of.mean - of.half),
                of.mean,
                of.mean + of.half,
                Grade.ESTIMATED,
                unit,
                INTERVAL,
                null);
    }

    private String why() {
        return prompts.stream()
                .map(OfPrompt::why)
                .filter(reason -> !reason.isEmpty())
                .findFirst()
                .orElse("");
    }
}
