package dev.credence.methods.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.model.Continuation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RolloutConditionalTest {
    private static final int TEXTS = 12;
    private static final double[] WEIGHTS = {0.7, 0.3};

    private final double[][] prior = new double[2][TEXTS];
    private final double[][] policy = new double[2][TEXTS];
    private final double[][] reward = new double[2][TEXTS];

    private void world(long seed, double copies, double noise) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int c = 0; c < 2; c++) {
            for (int i = 0; i < TEXTS; i++) {
                prior[c][i] = random.nextDouble() + 0.05;
                reward[c][i] = random.nextInt(4);
                policy[c][i] = prior[c][i] * Math.exp(copies * reward[c][i] + noise * random.nextGaussian());
            }
            normalise(prior[c]);
            normalise(policy[c]);
        }
    }

    private static void normalise(double[] masses) {
        double sum = Arrays.stream(masses).sum();
        Arrays.setAll(masses, i -> masses[i] / sum);
    }

    /** So many draws of each prompt; 0 for all texts with their probabilities. */
    private Rollouts rollouts(int draws, SplittableRandom random) {
        List<double[]> rows = new ArrayList<>(); // prompt, reward, measure, log π, log π0
        for (int c = 0; c < 2; c++) {
            for (int k = 0; k < (draws == 0 ? TEXTS : draws); k++) {
                int i = k;
                if (draws > 0) {
                    double u = random.nextDouble();
                    for (i = 0; i < TEXTS - 1 && u >= policy[c][i]; i++) {
                        u -= policy[c][i];
                    }
                }
                double measure = WEIGHTS[c] * (draws == 0 ? policy[c][i] : 1.0 / draws);
                rows.add(new double[] {c, reward[c][i], measure, Math.log(policy[c][i]), Math.log(prior[c][i])});
            }
        }
        int n = rows.size();
        int[] ones = new int[n];
        Arrays.fill(ones, 1);
        return new Rollouts(
                Collections.nCopies(n, new Continuation(new int[] {0}, new int[] {1})),
                rows.stream().mapToInt(row -> (int) row[0]).toArray(),
                rows.stream().mapToDouble(row -> row[1]).toArray(),
                rows.stream().mapToDouble(row -> row[2]).toArray(),
                ones,
                rows.stream().mapToDouble(row -> 1).toArray(),
                rows.stream().map(row -> new double[] {row[3]}).toArray(double[][]::new),
                rows.stream().map(row -> new double[] {row[4]}).toArray(double[][]::new),
                draws == 0);
    }

    private StepAudit audited() {
        List<ExactPrompt> prompts = new ArrayList<>();
        int[] lengths = new int[TEXTS];
        Arrays.fill(lengths, 1);
        for (int c = 0; c < 2; c++) {
            prompts.add(new ExactPrompt(
                    "p" + c,
                    WEIGHTS[c],
                    Arrays.stream(prior[c]).map(Math::log).toArray(),
                    Arrays.stream(policy[c]).map(Math::log).toArray(),
                    new double[][] {reward[c]},
                    lengths));
        }
        return Audit.of(prompts, List.of("reward"), AuditOptions.atBeta("reward", 1));
    }

    private static double figure(StepAudit audit, String id) {
        return java.util.Objects.requireNonNull(audit.findings().get(id)).estimate();
    }

    @Test
    void ofAllTextsTheFiguresAreTheAudits() {
        for (long seed = 1; seed <= 5; seed++) {
            world(seed, 0.8, 0.7);
            StepAudit audit = audited();
            TrainingStep.Conditional told = RolloutConditional.of(rollouts(0, new SplittableRandom(1)));
            assertThat(told.isExact()).isTrue();
            assertThat(told.copies()).isCloseTo(figure(audit, "copies.moment_match"), within(1e-8));
            assertThat(told.fraction()).isCloseTo(figure(audit, "bayes_fraction"), within(1e-8));
        }
        world(6, -1.5, 0);
        TrainingStep.Conditional member = RolloutConditional.of(rollouts(0, new SplittableRandom(1)));
        assertThat(member.copies()).isCloseTo(-1.5, within(1e-8));
        assertThat(member.fraction()).isCloseTo(1, within(1e-8));
    }

    /** Of 4,000 draws a prompt the slope is near the audit's of all texts, and the fraction is no more than the most that it can be. */
    @Test
    void drawsGiveTheSlopeAndTheMostThatTheFractionCanBe() {
        for (long seed = 1; seed <= 3; seed++) {
            world(seed, 0.8, 0.7);
            StepAudit audit = audited();
            TrainingStep.Conditional told = RolloutConditional.of(rollouts(4000, new SplittableRandom(seed)));
            assertThat(told.isExact()).isFalse();
            assertThat(told.copies()).isCloseTo(figure(audit, "copies.policy_slope"), within(0.06));
            assertThat(told.fraction()).isBetween(figure(audit, "bayes_fraction") - 0.05, 1.0);
            assertThat(told.fraction())
                    .as("all texts are among the draws")
                    .isCloseTo(
                            1 - figure(audit, "kl.departure.least") / figure(audit, "kl.policy_prior"), within(0.05));
        }
    }

    @Test
    void aRewardThatDoesNotVaryOrAPriorThatIsKeptTellsNothing() {
        world(1, 0, 0);
        TrainingStep.Conditional kept = RolloutConditional.of(rollouts(0, new SplittableRandom(1)));
        assertThat(kept.copies()).isCloseTo(0, within(1e-9));
        assertThat(kept.fraction()).isNaN();
        Arrays.fill(reward[0], 1);
        Arrays.fill(reward[1], 1);
        assertThat(RolloutConditional.of(rollouts(0, new SplittableRandom(1))))
                .isEqualTo(TrainingStep.Conditional.NONE);
    }
}
