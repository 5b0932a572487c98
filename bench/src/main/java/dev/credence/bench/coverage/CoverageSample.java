package dev.credence.bench.coverage;

import dev.credence.bench.coverage.World.Family;
import dev.credence.bench.coverage.World.Kind;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.hipparchus.distribution.continuous.NormalDistribution;

/**
 * One log drawn from one known world: what its audit said of each figure, and what is true.
 *
 * @param kind of the world
 * @param family of the policy
 * @param size of the log
 * @param strength true λ in standard deviations of the prior's reward
 * @param ess smallest effective size of a prompt, at the fitted λ
 * @param figures by id
 * @param withdrawnBy by gate: the ids that it withdrew
 */
record CoverageSample(
        Kind kind,
        Family family,
        Size size,
        double strength,
        double ess,
        Map<String, Figure> figures,
        Map<String, List<String>> withdrawnBy) {
    /** The most records of a log, for the time it takes: prompts are dropped above it. */
    static final int MOST_RECORDS = 100_000;

    private static final int[] PROMPTS = {1, 1, 2, 3, 4, 5, 8, 12, 20, 40};
    private static final double LARGEST_DEPARTURE = 1.2;
    private static final double TOLERANCE = 1e-9;

    /**
     * How many records.
     *
     * @param prompts prompts
     * @param prior records a prompt from the prior
     * @param policy records a prompt from the policy
     */
    record Size(int prompts, int prior, int policy) {
        /** Records a prompt of the rarer source. */
        int fewest() {
            return Math.min(prior, policy);
        }
    }

    /**
     * One figure.
     *
     * @param lower lower end of the interval
     * @param estimate within it; NaN where the interval is a demand that the truth is held to
     * @param upper upper end of the interval
     * @param truth what the table says
     * @param stands whether no gate withdrew it
     */
    record Figure(double lower, double estimate, double upper, double truth, boolean stands) {
        private static final NormalDistribution NORMAL = new NormalDistribution();
        private static final double AN_END = NORMAL.inverseCumulativeProbability(0.975);

        /** As an audit or an experiment says it. */
        static Figure of(Finding finding, double truth) {
            return new Figure(finding.lower(), finding.estimate(), finding.upper(), truth, finding.stands());
        }

        /**
         * Where the truth lies in the distribution whose middle is the estimate and whose 2.5 % and 97.5 % are the ends, half a normal
         * one on each side: of intervals that are right a uniform number. NaN of an interval without an estimate or a width.
         */
        double rank() {
            double half = truth < estimate ? estimate - lower : upper - estimate;
            double off = truth - estimate;
            if (Double.isNaN(off) || !(Math.max(upper - estimate, estimate - lower) > TOLERANCE)) {
                return Double.NaN;
            }
            double deviations = Math.abs(off) <= TOLERANCE ? 0 : AN_END * off / half;
            return NORMAL.cumulativeProbability(deviations);
        }

        boolean isBelow() {
            return !(truth >= lower - TOLERANCE);
        }

        boolean isAbove() {
            return !(truth <= upper + TOLERANCE);
        }

        boolean covers() {
            return !isBelow() && !isAbove();
        }

        double width() {
            return upper - lower;
        }
    }

    /** Whether the policy is an exact conditional, whose departure is covered whatever the method. */
    boolean isMember() {
        return family == Family.MEMBER;
    }

    /**
     * Draws a world and a log, and audits both. Worlds with a departure above 1.2 nats are drawn anew: there the family is
     * no description of the policy at all.
     */
    static CoverageSample draw(RandomGenerator random) {
        int wanted = PROMPTS[random.nextInt(PROMPTS.length)];
        int prior = (int) Draws.logUniform(random, 20, 5001);
        int policy = random.nextDouble() < 0.2 ? (int) Draws.logUniform(random, 20, 5001) : prior;
        int prompts = Math.max(1, Math.min(wanted, MOST_RECORDS / (prior + policy)));
        while (true) {
            World world = WorldDrawer.draw(prompts, random);
            StepAudit truth = world.truth();
            if (finding(truth, "kl.departure").estimate() <= LARGEST_DEPARTURE
                    && Math.abs(finding(truth, "copies.moment_match").estimate()) < Double.POSITIVE_INFINITY) {
                return audit(world, truth, new Size(world.tables().size(), prior, policy), random);
            }
        }
    }

    private static CoverageSample audit(World world, StepAudit truth, Size size, RandomGenerator random) {
        RolloutLog log = world.draw(size.prior, size.policy, random);
        StepAudit audit = Audit.of(log, world.options());
        Map<String, Figure> figures = new TreeMap<>();
        audit.findings().forEach((id, finding) -> {
            Finding exact = truth.findings().get(id);
            if (exact != null && Double.isFinite(exact.estimate()) && !Double.isNaN(finding.lower())) {
                figures.put(id, Figure.of(finding, exact.estimate()));
            }
        });
        Map<String, List<String>> withdrawn = new TreeMap<>();
        for (Gate gate : audit.gates()) {
            if (!gate.withdraws().isEmpty()) {
                withdrawn.put(gate.id(), new ArrayList<>(gate.withdraws()));
            }
        }
        return new CoverageSample(
                world.kind(),
                world.family(),
                size,
                finding(truth, "copies.per_sigma").estimate(),
                finding(audit, "ess.mm").estimate(),
                figures,
                withdrawn);
    }

    private static Finding finding(StepAudit audit, String id) {
        return Objects.requireNonNull(audit.findings().get(id), id);
    }
}
