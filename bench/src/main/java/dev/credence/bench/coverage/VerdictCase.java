package dev.credence.bench.coverage;

import dev.credence.bench.coverage.World.Table;
import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One log of the adversarial suite.
 *
 * @param scored the tables whose log-probabilities are recorded
 * @param drawn the tables that the records are drawn from; the same ones where the log is sound
 * @param records a prompt and source
 * @param asked the stated λ
 * @param fault what is done to the recorded numbers
 * @param range the reward's stated bounds, or null
 */
record VerdictCase(
        List<Table> scored,
        List<Table> drawn,
        int records,
        double asked,
        Fault fault,
        AuditOptions.@Nullable Range range) {
    private static final double NOISE = 0.01;
    private static final double REWARD_NOISE = 0.2;
    private static final double MISLABELLED = 0.05;
    private static final double REDRAWN = 0.5;
    private static final double RUNNING = 0.1; // of the mean is the last reward
    private static final double KEPT = 0.2; // of the draws below the largest reward
    private static final int LEAST_TOKENS = 4;
    private static final int TOKENS = 30;

    /** What is done to the recorded numbers. */
    enum Fault {
        /** Nothing. */
        NONE,
        /** Scoring noise of .01 nats on both sides. */
        NOISE,
        /** Draws of the prior are called the policy's, and the other way round. */
        SWAPPED,
        /** Means over tokens in the place of sums. */
        MEANS,
        /** The same for the policy alone. */
        POLICY_MEANS,
        /** Noise of each record's own in its reward. */
        REWARD_NOISE,
        /** One record in twenty has the other source's name. */
        MISLABELLED,
        /** Every draw of the policy is written twice. */
        REPEATED,
        /** One draw of the policy in two is taken up from those before. */
        REDRAWN,
        /** Each reward less a running mean of those before. */
        BASELINE,
        /** The policy's sums lack what the end token costs, an exponential number of nats a text. */
        NO_END,
        /** Draws of the prior are thinned, those of the largest reward twice as much as is written down. */
        KEPT_OFF
    }

    static VerdictCase sound(List<Table> tables, int records, double asked) {
        return new VerdictCase(tables, tables, records, asked, Fault.NONE, null);
    }

    VerdictCase with(Fault other) {
        return new VerdictCase(scored, drawn, records, asked, other, range);
    }

    /** The same with the records drawn from other tables than those whose log-probabilities are written down. */
    VerdictCase drawnFrom(UnaryOperator<Table> sampler) {
        return new VerdictCase(scored, scored.stream().map(sampler).toList(), records, asked, fault, range);
    }

    /** The same with the reward's bounds stated. */
    VerdictCase withRange() {
        double highest = scored.stream()
                .flatMapToDouble(table -> Arrays.stream(table.reward()))
                .max()
                .orElseThrow();
        return new VerdictCase(scored, drawn, records, asked, fault, new AuditOptions.Range(0, highest));
    }

    /** What is true: of the policy that was scored and of the one that was drawn from, where these differ. */
    List<Truth> truths() {
        return Stream.of(scored, drawn)
                .distinct()
                .map(tables -> Truth.of(Enumeration.of(tables, asked)))
                .toList();
    }

    StepAudit audit(RandomGenerator random) {
        return Audit.of(
                log(random), AuditOptions.atBeta(World.REWARD, 1 / asked).within(range));
    }

    private RolloutLog log(RandomGenerator random) {
        int size = scored.size() * 2 * records;
        RolloutLog.Columns columns = new RolloutLog.Columns(
                        new double[][] {new double[size]},
                        new double[size],
                        new double[size],
                        new byte[size],
                        null,
                        new int[size],
                        null)
                .withText(new long[size]);
        double[] kept = new double[size];
        List<RolloutLog.Prompt> prompts = new ArrayList<>();
        for (int c = 0; c < scored.size(); c++) {
            int from = c * 2 * records;
            int draws = fill(columns, kept, from, c, random);
            RolloutLog.Draws counts =
                    fault == Fault.KEPT_OFF ? new RolloutLog.Draws(draws, records) : RolloutLog.Draws.ALL_KEPT;
            prompts.add(new RolloutLog.Prompt(
                    World.name(c),
                    1.0 / scored.size(),
                    from,
                    from + 2 * records,
                    false,
                    0,
                    List.of(),
                    List.of(),
                    counts));
        }
        double[] all = new double[size];
        Arrays.fill(all, 1);
        return new RolloutLog(
                List.of(World.REWARD),
                List.of("prior", "policy"),
                prompts,
                fault == Fault.KEPT_OFF ? columns.withKept(new RolloutLog.Kept(kept, all)) : columns);
    }

    /** Fills a prompt's records; how many draws of the prior that took. */
    private int fill(RolloutLog.Columns columns, double[] kept, int from, int prompt, RandomGenerator random) {
        Table table = scored.get(prompt);
        double[] prior = Draws.cumulated(drawn.get(prompt).prior());
        double[] policy = Draws.cumulated(drawn.get(prompt).policy());
        double priorTotal = Math.log(Arrays.stream(table.prior()).sum());
        double policyTotal = Math.log(Arrays.stream(table.policy()).sum());
        double largest = Arrays.stream(table.reward()).max().orElseThrow();
        int draws = 0;
        int text = 0;
        double baseline = 0;
        int[] texts = new int[2 * records];
        for (int i = from; i < from + 2 * records; i++) {
            boolean ofPrior = i < from + records;
            boolean again = fault == Fault.REPEATED && !ofPrior && (i - from - records) % 2 == 1;
            boolean isKept = again;
            while (!isKept) {
                text = Draws.position(random, ofPrior ? prior : policy);
                boolean isTop = table.reward()[text] == largest;
                isKept = fault != Fault.KEPT_OFF || !ofPrior || random.nextDouble() < (isTop ? 0.5 : KEPT);
                kept[i] = isTop ? 1 : KEPT;
                draws += ofPrior ? 1 : 0;
            }
            boolean isRedrawn = fault == Fault.REDRAWN && i > from + records && random.nextDouble() < REDRAWN;
            text = isRedrawn ? texts[random.nextInt(records, i - from)] : text;
            texts[i - from] = text;
            int tokens = tokens(text);
            double end = fault == Fault.NO_END ? -Math.log1p(-(hash(text) >>> 11) * 0x1p-53) : 0;
            double noise = fault == Fault.REWARD_NOISE ? REWARD_NOISE * random.nextGaussian() : 0;
            boolean other = fault == Fault.SWAPPED || (fault == Fault.MISLABELLED && random.nextDouble() < MISLABELLED);
            columns.rewards()[0][i] = table.reward()[text] + noise - baseline;
            baseline += fault == Fault.BASELINE ? RUNNING * (table.reward()[text] - baseline) : 0;
            columns.logPrior()[i] = recorded(Math.log(table.prior()[text]) - priorTotal, tokens, Fault.MEANS, random);
            columns.logPolicy()[i] = Math.min(
                    0,
                    end + recorded(Math.log(table.policy()[text]) - policyTotal, tokens, Fault.POLICY_MEANS, random));
            columns.source()[i] = ofPrior != other ? RolloutLog.PRIOR : RolloutLog.POLICY;
            Objects.requireNonNull(columns.tokens())[i] = tokens;
            Objects.requireNonNull(columns.text())[i] = hash(text);
        }
        return draws;
    }

    /** The length of a text, by its place in the table. */
    static int tokens(int text) {
        return LEAST_TOKENS + text % TOKENS;
    }

    /** SplitMix64's finaliser. */
    private static long hash(int text) {
        long mixed = (text ^ (text >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    private double recorded(double logProbability, int tokens, Fault mean, RandomGenerator random) {
        if (fault == Fault.MEANS || fault == mean) {
            return logProbability / tokens;
        }
        return fault == Fault.NOISE ? Math.min(0, logProbability + NOISE * random.nextGaussian()) : logProbability;
    }
}
