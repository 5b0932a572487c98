package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.ColumnPosterior;
import dev.credence.core.probability.LogMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EnumeratedLooksTest {
    private static final int TEXTS = 40;

    private final List<double[]> prior = new ArrayList<>();
    private final List<double[]> rewards = new ArrayList<>();

    private static double[] random(SplittableRandom random, double spread) {
        double[] logs = random.doubles(TEXTS).map(u -> spread * u).toArray();
        double sum = LogMath.logSumExp(logs);
        return Arrays.stream(logs).map(x -> x - sum).toArray();
    }

    private void world(long seed, int prompts) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int c = 0; c < prompts; c++) {
            prior.add(random(random, 4));
            rewards.add(random.ints(TEXTS, 0, 4).asDoubleStream().toArray());
        }
    }

    private PathLook audited(List<double[]> policy) {
        List<ExactPrompt> prompts = new ArrayList<>();
        int[] lengths = new int[TEXTS];
        Arrays.fill(lengths, 1);
        for (int c = 0; c < prior.size(); c++) {
            prompts.add(new ExactPrompt(
                    "prompt " + c,
                    1.0 / prior.size(),
                    prior.get(c),
                    policy.get(c),
                    new double[][] {rewards.get(c)},
                    lengths));
        }
        return PathLook.of(Audit.of(prompts, List.of("reward"), AuditOptions.atBeta("reward", .5)));
    }

    private List<double[]> tilted(double copies) {
        List<double[]> policy = new ArrayList<>();
        for (int c = 0; c < prior.size(); c++) {
            policy.add(ColumnPosterior.of(prior.get(c), rewards.get(c), RewardLikelihood.tilt(copies))
                    .logProbs());
        }
        return policy;
    }

    private void assertAudited(List<double[]> policy) {
        PathLook look = new EnumeratedLooks(prior, rewards).at(policy);
        PathLook audit = audited(policy);
        assertThat(look.copies()).isCloseTo(audit.copies(), within(1e-8 * Math.max(1, Math.abs(audit.copies()))));
        assertThat(look.fraction()).isCloseTo(audit.fraction(), within(1e-8));
        assertThat(look.kl()).isCloseTo(audit.kl(), within(1e-10 * Math.max(1, audit.kl())));
    }

    @Test
    void looksShowWhatTheWholeAuditShows() {
        for (long seed = 1; seed <= 5; seed++) {
            prior.clear();
            rewards.clear();
            world(seed, 3);
            SplittableRandom random = new SplittableRandom(seed + 100);
            assertAudited(List.of(random(random, 8), random(random, 8), random(random, 1)));
        }
    }

    @Test
    void membersOfTheFamilyAreExplainedWhole() {
        world(7, 2);
        for (double copies : new double[] {-30, -2, .01, 1, 12, 200}) {
            PathLook look = new EnumeratedLooks(prior, rewards).at(tilted(copies));
            assertThat(look.copies()).isCloseTo(copies, within(1e-6 * Math.abs(copies)));
            assertThat(look.fraction()).isCloseTo(1, within(1e-8));
            assertAudited(tilted(copies));
        }
    }

    @Test
    void theBestTextsAloneAreInfinitelyManyCopies() {
        world(8, 2);
        PathLook look = new EnumeratedLooks(prior, rewards).at(tilted(Double.POSITIVE_INFINITY));
        assertThat(look.copies()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(look.fraction()).isCloseTo(1, within(1e-12));
        assertThat(new EnumeratedLooks(prior, rewards)
                        .at(tilted(Double.NEGATIVE_INFINITY))
                        .copies())
                .isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void thePriorHasNoFraction() {
        world(9, 2);
        PathLook look = new EnumeratedLooks(prior, rewards).at(prior);
        assertThat(look.kl()).isCloseTo(0, within(1e-15));
        assertThat(look.fraction()).isNaN();
        assertThat(look.copies()).isCloseTo(audited(prior).copies(), within(1e-9));
    }

    @Test
    void aRewardThatDoesNotVaryHasNoCopies() {
        world(10, 1);
        Arrays.fill(rewards.get(0), 2);
        PathLook look = new EnumeratedLooks(prior, rewards).at(List.of(random(new SplittableRandom(1), 5)));
        PathLook audit = audited(List.of(random(new SplittableRandom(1), 5)));
        assertThat(look.copies()).isNaN();
        assertThat(audit.copies()).isNaN();
        assertThat(look.fraction()).isEqualTo(audit.fraction());
    }
}
