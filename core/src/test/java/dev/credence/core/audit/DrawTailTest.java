package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.diagnostics.ParetoTail;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrawTailTest {
    /** A log of one prompt by columns that grow. */
    private static final class Columns {
        private final List<double[]> rows = new ArrayList<>(); // reward, log π0, log π, source, kept

        void add(double reward, double logPrior, double logPolicy, int source, double kept) {
            rows.add(new double[] {reward, logPrior, logPolicy, source, kept});
        }

        private double[] column(int k) {
            return rows.stream().mapToDouble(row -> row[k]).toArray();
        }

        LogAtoms atoms(int priorDraws, int policyDraws) {
            byte[] source = new byte[rows.size()];
            double[] policyKept = new double[rows.size()];
            for (int i = 0; i < source.length; i++) {
                source[i] = (byte) rows.get(i)[3];
                policyKept[i] = 1;
            }
            RolloutLog.Columns columns = new RolloutLog.Columns(
                            new double[][] {column(0)}, column(1), column(2), source, null, null, null)
                    .withKept(new RolloutLog.Kept(column(4), policyKept));
            RolloutLog.Prompt prompt = new RolloutLog.Prompt(
                    "q",
                    1,
                    0,
                    rows.size(),
                    false,
                    0,
                    List.of(),
                    List.of(),
                    new RolloutLog.Draws(priorDraws, policyDraws));
            return new LogAtoms(
                    new RolloutLog(List.of("r"), List.of("prior", "policy"), List.of(prompt), columns), prompt, 1, 0);
        }
    }

    /** Exp(1) rewards of texts that never recur; a policy that is the prior. Kept with a ∝ e^{λr}, a fiftieth at least. */
    private static LogAtoms exponential(double lambda, int draws, boolean thins) {
        RandomGenerator random = new SplittableRandom(7);
        Columns columns = new Columns();
        for (int i = 0; i < draws; i++) {
            double reward = random.nextExponential();
            double kept = thins ? Math.min(1, .02 + 5 * Math.exp(lambda * (reward - Math.log(draws)))) : 1;
            if (random.nextDouble() < kept) {
                columns.add(reward, -40 - reward, -40 - reward, 0, kept);
            }
        }
        for (int i = 0; i < 50; i++) {
            double reward = random.nextExponential();
            double kept = thins ? Math.min(1, .02 + 5 * Math.exp(lambda * (reward - Math.log(draws)))) : 1;
            columns.add(reward, -40 - reward, -40 - reward, 1, kept);
        }
        return columns.atoms(draws, 50);
    }

    private static AtomTilt tilt(Atoms atoms, double lambda) {
        return AtomTilt.of(atoms, AtomMoments.of(atoms), lambda);
    }

    /** Weights e^{λr} of Exp(1) rewards have k = λ, whatever was thinned away; three errors of k̂ (1 + k)/√tail. */
    @ParameterizedTest
    @ValueSource(doubles = {.3, .5, .9, 1.6})
    void theShapeIsThatOfTheRewardHoweverDrawsAreThinned(double lambda) {
        LogAtoms atoms = exponential(lambda, 20_000, true);
        assertThat(atoms.size()).isLessThan(10_000);
        DrawTail tail = DrawTail.of(atoms, tilt(atoms, lambda));
        assertThat(tail.draws()).isCloseTo(20_050, within(3 * Math.sqrt(20_000 * 49))); // each stands for 50 at most
        assertThat(tail.shape()).isCloseTo(lambda, within(3 * (1 + lambda) / Math.sqrt(tail.records())));
        assertThat(tail.missed()).isCloseTo(1, within(1e-9)); // no text recurs
        assertThat(tail.hasNoMean()).isEqualTo(lambda > 1);
        assertThat(tail.isHeavy()).isEqualTo(lambda > .7);
    }

    @Test
    void withoutThinningAndRecurrenceItIsTheRecordsOwn() {
        LogAtoms atoms = exponential(.6, 5_000, false);
        AtomTilt tilt = tilt(atoms, .6);
        List<Double> weights = new ArrayList<>();
        double[] w = new double[AtomBlock.SIZE];
        atoms.forEachBlock(block -> {
            tilt.weigh(block, w);
            Arrays.stream(w, 0, block.count).forEach(weights::add);
        });
        double own = ParetoTail.ofWeights(
                        weights.stream().mapToDouble(Double::doubleValue).toArray())
                .shape();
        DrawTail tail = DrawTail.of(atoms, tilt);
        assertThat(tail.shape()).isCloseTo(own, within(1e-9));
        assertThat(tail.draws()).isCloseTo(5_050, within(1e-6));
        assertThat(tail.records()).isEqualTo(ParetoTail.tailLength(5_050));
    }

    @Test
    void textsThatRecurAreNoTail() {
        // 30 texts, each expected some thirty times among 1,000 draws, and their policy twice as often where r is 1
        RandomGenerator random = new SplittableRandom(1);
        Columns columns = new Columns();
        double[] reward = random.doubles(30).toArray();
        for (int i = 0; i < 2_000; i++) {
            int text = random.nextInt(30);
            columns.add(reward[text], -Math.log(30), -Math.log(30), i % 2, 1);
        }
        LogAtoms atoms = columns.atoms(1_000, 1_000);
        DrawTail tail = DrawTail.of(atoms, tilt(atoms, 20));
        assertThat(tail.draws()).isZero();
        assertThat(tail.isHeavy()).isFalse();
        assertThat(tail.hasNoMean()).isFalse();
        assertThat(tail.missed()).isCloseTo(Math.exp(-2_000.0 / 30), within(1e-30)); // every text has the same c
        assertThat(tail.beyondPrior()).isCloseTo(.5, within(1e-12));
    }
}
