package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.MadeLogs.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What is concluded from logs that cannot be, and that conclusions, figures and advice do not contradict each other. */
class ImpossibleLogsTest {
    private static final String BRACKETS_WITHIN_BRACKETS = "\\([^)]*\\(";

    private static final Set<String> IMPOSSIBLE =
            Set.of("two_estimates", "total_probability", "same_text", "normalisation");

    private static List<Logs.Row> impossible(int how, RandomGenerator random) {
        World world = NormalisationTest.table(3 + random.nextInt(100), random);
        World sampler = switch (how) {
            case 0 -> world.sampledAt(.5, 1_000);
            case 1 -> world.sampledAt(1, 1 + random.nextInt(10));
            case 2 -> new World(/* logPrior= */ world.logPolicy(), /* logPolicy= */ world.logPrior(), world.reward());
            default -> world;
        };
        List<Logs.Row> rows = MadeLogs.draw("q", world, sampler, new int[] {400, 400}, random);
        double base = how == 3 ? 1 / Math.log(10) : how == 4 ? .2 : 1;
        List<Logs.Row> scored = new ArrayList<>(rows.stream()
                .map(r -> new Logs.Row(
                        "q",
                        r.source(),
                        r.reward(),
                        base * r.logPrior(),
                        how == 4 ? r.logPolicy() : base * r.logPolicy(),
                        -1,
                        false,
                        r.text()))
                .toList());
        if (how == 5) {
            scored.addAll(rows);
        }
        return scored;
    }

    @Test
    void getNoLabelWhateverTheirRecordsSay() {
        int impossible = 0;
        for (int seed = 0; seed < 60; seed++) {
            StepAudit audit = Audit.of(Logs.of(impossible(seed % 6, new SplittableRandom(seed))), Logs.options(.5));
            boolean fails = audit.gates().stream()
                    .anyMatch(gate -> IMPOSSIBLE.contains(gate.id()) && gate.status() == Gate.Status.FAIL);
            impossible += fails ? 1 : 0;
            if (fails) {
                assertThat(audit.verdicts().values())
                        .as("seed " + seed)
                        .allMatch(verdict -> verdict.label() == Verdict.Label.CANNOT_TELL);
                assertThat(audit.verdict().text()).doesNotContain("departure, whatever Z is");
            }
        }
        assertThat(impossible).isGreaterThan(48);
    }

    /** A conclusion of "not" stands beside a Bayes fraction that allows it. */
    @Test
    void whatIsNoConditionalHasAFractionThatSaysSo() {
        int not = 0;
        for (int seed = 0; seed < 150; seed++) {
            StepAudit audit = audit(new SplittableRandom(seed));
            Finding fraction = audit.findings().get("bayes_fraction");
            if (audit.verdict().label() == Verdict.Label.NOT && fraction.stands()) {
                not++;
                assertThat(fraction.upper() < .3
                                || (fraction.upper() <= fraction.estimate()
                                        && audit.verdict().text().contains("%, whatever the weights are)")))
                        .as("seed " + seed + ": " + fraction + audit.verdict().text())
                        .isTrue();
            }
        }
        assertThat(not).isGreaterThan(5);
    }

    private static StepAudit audit(RandomGenerator random) {
        double beta = Math.pow(10, 2 - 3 * random.nextDouble());
        if (random.nextInt(4) > 0) {
            return Audit.of(Logs.of(MadeLogs.sound(random)), Logs.options(beta));
        }
        World world = NormalisationTest.table(
                100, random); // one that dropped what it is asked for, or went far the other way
        double copies = random.nextBoolean() ? -2 : 3;
        double[] tilt = new double[100];
        for (int i = 0; i < tilt.length; i++) {
            tilt[i] = copies * world.reward()[i] - (random.nextInt(3) == 0 ? 8 : 0);
        }
        World other = World.of(world.logPrior(), tilt, world.reward());
        return Audit.of(Logs.of(MadeLogs.draw("q", other, other, new int[] {300, 300}, random)), Logs.options(beta));
    }

    @Test
    void noTwoAdvicesContradictEachOther() {
        int dropped = 0;
        int longer = 0;
        for (int seed = 0; seed < 200; seed++) {
            Verdict verdict = audit(new SplittableRandom(90_000 + seed)).verdict();
            String advice = String.join(" ", verdict.advice());
            assertThat(advice + verdict.text()).as("seed " + seed).doesNotContainPattern(BRACKETS_WITHIN_BRACKETS);
            boolean less = advice.contains("stop earlier") || advice.contains("raise beta");
            boolean more = advice.contains("train longer")
                    || advice.contains("hardly moved")
                    || advice.contains("a sign that is wrong");
            assertThat(less && more).as("seed " + seed + ": " + advice).isFalse();
            assertThat(advice.contains("sharpened") && advice.contains("flattened"))
                    .isFalse();
            assertThat(advice.split("Draw where the posterior is", -1)).hasSizeLessThanOrEqualTo(2);
            dropped += advice.contains("Look at what was dropped") ? 1 : 0;
            longer += advice.contains("train longer") ? 1 : 0;
        }
        assertThat(dropped).isGreaterThan(5);
        assertThat(longer).isGreaterThan(5);
    }

    /** One estimator that stands agrees with nothing. */
    @Test
    void doesNotSayThatAnEstimatorAgreesWithItself() {
        int alone = 0;
        for (int seed = 0; seed < 50; seed++) {
            StepAudit audit = audit(new SplittableRandom(50_000 + seed));
            long standing = audit.findings().values().stream()
                    .filter(f -> isSlope(f.id()) && f.stands())
                    .count();
            if (standing < 2) {
                alone++;
                assertThat(audit.verdict().text()).doesNotContain("the estimators of copies");
            }
        }
        assertThat(alone).isPositive();
    }

    private static boolean isSlope(String id) {
        for (Figure slope : Influence.SLOPES) {
            if (slope.id().equals(id)) {
                return true;
            }
        }
        return false;
    }
}
