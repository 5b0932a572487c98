package dev.credence.bench.coverage;

import dev.credence.bench.coverage.World.Table;
import dev.credence.core.audit.RolloutLog;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How a log is drawn from a world: how many texts a prompt and source, how many of them are kept to be scored (with a
 * probability that grows with the reward, docs/theory.md#thinned-draws), and whether they come in groups.
 *
 * @param prior draws a prompt
 * @param priorKept about how many of them are kept; {@code prior} where all are
 * @param policy draws a prompt
 * @param policyKept about how many of them are kept
 * @param group how many draws are made together; 1 where each is on its own
 */
record DrawCounts(int prior, int priorKept, int policy, int policyKept, int group) {
    /** Of the kept texts so many are spread over all draws alike. */
    private static final double SPREAD = 0.25;

    /** How many parts of equal mass the texts of a group come from, and how many of its draws stay in the group's part. */
    private static final int PARTS = 32;

    private static final double TOGETHER = 0.5;

    /** Every draw is a record of its own. */
    static DrawCounts plain(int prior, int policy) {
        return new DrawCounts(prior, prior, policy, policy, 1);
    }

    /** Draws of the prior are thinned. */
    static DrawCounts thinned(int prior, int kept, int policy) {
        return new DrawCounts(prior, kept, policy, policy, 1);
    }

    private boolean isThinned() {
        return priorKept < prior || policyKept < policy;
    }

    /**
     * A log.
     *
     * @param tables the prompts of the world
     * @param copies λ of the probabilities to be kept, a ∝ e^{λr}
     * @param random what draws
     */
    RolloutLog draw(List<Table> tables, double copies, RandomGenerator random) {
        return draw(tables, copies, this, random);
    }

    /** The same with other counts for the last of the prompts, all of whose draws are kept. */
    RolloutLog draw(List<Table> tables, double copies, DrawCounts ofLast, RandomGenerator random) {
        Rows rows = new Rows();
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        for (int c = 0; c < tables.size(); c++) {
            int from = rows.size;
            DrawCounts own = c == tables.size() - 1 ? ofLast : this;
            own.new PromptDraw(tables.get(c), copies, rows).draw(random);
            RolloutLog.Draws draws = isThinned() ? new RolloutLog.Draws(prior, policy) : RolloutLog.Draws.ALL_KEPT;
            prompts.add(new RolloutLog.Prompt(
                    World.name(c), 1.0 / tables.size(), from, rows.size, false, 0, List.of(), List.of(), draws));
        }
        return new RolloutLog(List.of(World.REWARD), List.of("prior", "policy"), prompts, rows.columns(this));
    }

    /** The log as a group method leaves it: without groups, the policy's rewards standardised in each. */
    RolloutLog unnamed(RolloutLog log) {
        RolloutLog.Columns columns = log.columns();
        double[] reward = columns.rewards()[0].clone();
        for (int from = 0; from < reward.length; from += group) {
            if (columns.source()[from] == RolloutLog.POLICY) {
                standardise(reward, from);
            }
        }
        return new RolloutLog(
                log.rewardNames(),
                log.sources(),
                log.prompts(),
                new RolloutLog.Columns(
                        new double[][] {reward},
                        columns.logPrior(),
                        columns.logPolicy(),
                        columns.source(),
                        null,
                        null,
                        null));
    }

    private void standardise(double[] reward, int from) {
        double mean = Arrays.stream(reward, from, from + group).sum() / group;
        double square = 0;
        for (int i = from; i < from + group; i++) {
            square += (reward[i] - mean) * (reward[i] - mean) / group;
        }
        for (int i = from; i < from + group; i++) {
            reward[i] = square > 0 ? (reward[i] - mean) / Math.sqrt(square) : 0;
        }
    }

    /** Draws one prompt's records. */
    private final class PromptDraw {
        private final Table table;
        private final Rows rows;
        private final double[] logPrior; // (outcomes)
        private final double[] logPolicy; // (outcomes)
        private final double[] keptOfPrior; // (outcomes)
        private final double[] keptOfPolicy; // (outcomes)

        PromptDraw(Table table, double copies, Rows rows) {
            this.table = table;
            this.rows = rows;
            this.logPrior = logShares(table.prior());
            this.logPolicy = logShares(table.policy());
            this.keptOfPrior = kept(table.prior(), table.reward(), copies, prior, priorKept);
            this.keptOfPolicy = kept(table.policy(), table.reward(), copies, policy, policyKept);
        }

        void draw(RandomGenerator random) {
            draw(random, prior, RolloutLog.PRIOR);
            draw(random, policy, RolloutLog.POLICY);
        }

        private void draw(RandomGenerator random, int draws, byte source) {
            double[] weights = source == RolloutLog.PRIOR ? table.prior() : table.policy();
            double[] kept = source == RolloutLog.PRIOR ? keptOfPrior : keptOfPolicy;
            Draws.Guide guide = new Draws.Guide(Draws.cumulated(weights));
            double total = guide.total();
            int part = 0;
            for (int i = 0; i < draws; i++) {
                if (i % group == 0) {
                    rows.group++;
                    part = random.nextInt(PARTS);
                }
                double at = random.nextDouble();
                boolean together = group > 1 && random.nextDouble() < TOGETHER;
                int outcome = guide.at(total * (together ? (part + at) / PARTS : at));
                if (kept[outcome] == 1 || random.nextDouble() < kept[outcome]) {
                    rows.add(this, outcome, source);
                }
            }
        }
    }

    /** The records so far, in columns that grow. */
    private static final class Rows {
        private int size;
        private int group;
        private double[] reward = new double[1024];
        private double[] logPrior = new double[1024];
        private double[] logPolicy = new double[1024];
        private double[] keptOfPrior = new double[1024];
        private double[] keptOfPolicy = new double[1024];
        private byte[] source = new byte[1024];
        private int[] groups = new int[1024];

        void add(PromptDraw from, int outcome, byte of) {
            if (size == reward.length) {
                grow();
            }
            reward[size] = from.table.reward()[outcome];
            logPrior[size] = from.logPrior[outcome];
            logPolicy[size] = from.logPolicy[outcome];
            keptOfPrior[size] = from.keptOfPrior[outcome];
            keptOfPolicy[size] = from.keptOfPolicy[outcome];
            source[size] = of;
            groups[size++] = group;
        }

        private void grow() {
            int longer = 2 * size;
            reward = Arrays.copyOf(reward, longer);
            logPrior = Arrays.copyOf(logPrior, longer);
            logPolicy = Arrays.copyOf(logPolicy, longer);
            keptOfPrior = Arrays.copyOf(keptOfPrior, longer);
            keptOfPolicy = Arrays.copyOf(keptOfPolicy, longer);
            source = Arrays.copyOf(source, longer);
            groups = Arrays.copyOf(groups, longer);
        }

        RolloutLog.Columns columns(DrawCounts sampling) {
            RolloutLog.Columns columns = new RolloutLog.Columns(
                    new double[][] {Arrays.copyOf(reward, size)},
                    Arrays.copyOf(logPrior, size),
                    Arrays.copyOf(logPolicy, size),
                    Arrays.copyOf(source, size),
                    null,
                    null,
                    sampling.group > 1 ? Arrays.copyOf(groups, size) : null);
            return sampling.isThinned()
                    ? columns.withKept(
                            new RolloutLog.Kept(Arrays.copyOf(keptOfPrior, size), Arrays.copyOf(keptOfPolicy, size)))
                    : columns;
        }
    }

    /** a = min(1, spread + s e^{λ(r − r_max)}), the scale s such that {@code wanted} of the draws are kept on average. */
    private static double[] kept(double[] weights, double[] reward, double copies, int draws, int wanted) {
        double[] kept = new double[weights.length];
        if (wanted >= draws) {
            Arrays.fill(kept, 1);
            return kept;
        }
        double largest = Arrays.stream(reward).max().orElseThrow();
        double[] tilt =
                Arrays.stream(reward).map(r -> Math.exp(copies * (r - largest))).toArray();
        double low = 0;
        double high = Double.MAX_VALUE;
        double scale = 1;
        for (int k = 0; k < 60; k++) {
            double expected = 0;
            double total = 0;
            for (int i = 0; i < kept.length; i++) {
                kept[i] = Math.min(1, SPREAD * wanted / draws + scale * tilt[i]);
                expected += weights[i] * kept[i];
                total += weights[i];
            }
            if (Math.abs(expected * draws - total * wanted) <= 1e-3 * total * wanted) {
                return kept;
            }
            if (expected * draws < total * wanted) {
                low = scale;
            } else {
                high = scale;
            }
            scale = high == Double.MAX_VALUE ? 4 * scale : 0.5 * (low + high);
        }
        return kept;
    }

    private static double[] logShares(double[] weights) {
        double total = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(weight -> Math.log(weight / total)).toArray();
    }
}
