package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Exact tables of true conditionals, asked for what they are, over generated worlds. */
class ExactMembersTest {
    private static final int WORLDS = 600;
    private static final double NO_UPDATE = 1e-9;

    /** Prompts with a prior and rewards each; the policy is their tilt. */
    private record World(
            Map<String, Distribution> prior, Map<String, Distribution> policy, Map<String, double[]> rewards) {
        static World of(long seed, double lambda) {
            RandomGenerator random = new SplittableRandom(seed);
            World world = new World(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
            int prompts = 1 + random.nextInt(4);
            double offset = seed % 5 == 0 ? 100 * random.nextGaussian() : 0;
            for (int c = 0; c < prompts; c++) {
                int n = 2 + random.nextInt(8);
                double spread = new double[] {0.3, 1.5, 5, 12}[random.nextInt(4)];
                List<String> outcomes = new ArrayList<>();
                double[] logWeight = new double[n];
                double[] reward = new double[n];
                for (int i = 0; i < n; i++) {
                    outcomes.add("x" + i);
                    logWeight[i] = spread * random.nextGaussian();
                    reward[i] = offset
                            + switch ((int) (seed % 4)) {
                                case 0 -> random.nextInt(2);
                                case 1 -> random.nextInt(4) / 3.0;
                                case 2 -> random.nextGaussian();
                                default -> random.nextInt(4) == 0 ? 1 : 0.1 * random.nextInt(3);
                            };
                }
                String prompt = "q" + c;
                Distribution prior = Distribution.ofLogWeights(outcomes, logWeight);
                world.prior.put(prompt, prior);
                world.rewards.put(prompt, reward);
                world.policy.put(
                        prompt,
                        Distribution.ofLogWeights(
                                outcomes, TiltedFamily.of(prior, reward).logPosterior(lambda)));
            }
            return world;
        }

        /** The policy as a file of decimals has it: what is below the smallest double is nothing. */
        World written() {
            Map<String, Distribution> decimals = new LinkedHashMap<>();
            policy.forEach((prompt, own) -> {
                Map<String, Double> byName = new LinkedHashMap<>();
                own.outcomes().forEach(text -> byName.put(text, own.probability(text)));
                decimals.put(prompt, Distribution.of(byName));
            });
            return new World(prior, decimals, rewards);
        }

        /** The same with the log-probability of each text moved by some of it. */
        World moved(ToDoubleFunction<Double> by) {
            Map<String, Distribution> others = new LinkedHashMap<>();
            policy.forEach((prompt, own) -> {
                double[] logs = own.logProbabilities();
                Arrays.setAll(logs, i -> logs[i] + by.applyAsDouble(logs[i]));
                others.put(prompt, Distribution.ofLogWeights(own.outcomes(), logs));
            });
            return new World(prior, others, rewards);
        }

        StepAudit audit(AuditOptions options) {
            RewardFunction reward =
                    (prompt, text) -> rewards.getOrDefault(prompt, new double[0])[Integer.parseInt(text.substring(1))];
            return Audit.of(TableModel.of(prior), TableModel.of(policy), Map.of("reward", reward), options);
        }
    }

    private static double lambda(long seed) {
        return 0.01 * Math.pow(50_000, new SplittableRandom(seed + 77).nextDouble()); // to 500
    }

    @Test
    void aMemberAskedForWhatItIsIsOneAndNeedsNoAdvice() {
        SoftAssertions softly = new SoftAssertions();
        for (long seed = 0; seed < WORLDS; seed++) {
            double lambda = lambda(seed);
            StepAudit audit = World.of(seed, lambda).audit(Logs.options(1 / lambda));
            String as = "seed " + seed + ", " + lambda + " copies: ";
            sound(softly, as, audit.findings());
            audit.prompts().forEach(p -> sound(softly, as + p.prompt() + ": ", p.findings()));
            softly.assertThat(audit.verdict().advice()).as(as).isEmpty();
            if (of(audit, "kl.policy_prior").estimate() < NO_UPDATE) {
                unmoved(softly, as, audit);
            } else {
                member(softly, as, audit, lambda);
            }
        }
        softly.assertAll();
    }

    @Test
    void aMemberReadFromAFileIsOneThoughItLostWhatItsTargetHardlyHas() {
        SoftAssertions softly = new SoftAssertions();
        int lost = 0;
        for (long seed = 0; seed < WORLDS; seed++) {
            double lambda = lambda(seed);
            StepAudit audit = World.of(seed, lambda).written().audit(Logs.options(1 / lambda));
            String as = "seed " + seed + ", " + lambda + " copies: ";
            sound(softly, as, audit.findings());
            softly.assertThat(audit.verdict().advice()).as(as).isEmpty();
            if (of(audit, "kl.policy_prior").estimate() >= NO_UPDATE) {
                conditional(softly, as, audit);
            }
            lost += of(audit, "kl.prior_policy").stands() ? 0 : 1;
        }
        softly.assertAll();
        assertThat(lost).isGreaterThan(WORLDS / 50);
    }

    @Test
    void aPolicyNextToItsTargetIsConditionalWhateverItGivesTextsThatItNeverWrites() {
        SoftAssertions softly = new SoftAssertions();
        int next = 0;
        int apart = 0;
        for (long seed = 0; seed < WORLDS; seed++) {
            double lambda = lambda(seed);
            RandomGenerator random = new SplittableRandom(seed);
            World world = World.of(seed, lambda).moved(log -> (log < -22 ? 5 : 2e-5) * random.nextGaussian());
            StepAudit audit = world.audit(Logs.options(1 / lambda));
            String as = "seed " + seed + ", " + lambda + " copies: ";
            sound(softly, as, audit.findings());
            if (of(audit, "kl.policy_prior").estimate() > 1e-6
                    && of(audit, "kl.policy_asked").estimate() < 1e-8) {
                next++;
                conditional(softly, as, audit);
                softly.assertThat(audit.verdict().advice()).as(as).isEmpty();
                Finding slope = of(audit, "copies.prior_slope");
                apart += slope.stands() && Math.abs(slope.estimate() / lambda - 1) > 0.1 ? 1 : 0;
            }
        }
        softly.assertAll();
        assertThat(next).isGreaterThan(WORLDS / 3);
        assertThat(apart).isGreaterThan(WORLDS / 150);
    }

    @Test
    void thePriorItselfHasMadeNoMoveToDivide() {
        SoftAssertions softly = new SoftAssertions();
        for (long seed = 0; seed < WORLDS; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            double noise = new double[] {0, 1e-15, 1e-9, 1e-6}[random.nextInt(4)];
            World world = World.of(seed, 0).moved(log -> noise * random.nextGaussian());
            Double beta = random.nextBoolean() ? 0.05 : null;
            StepAudit audit = world.audit(Logs.options(beta));
            String as = "seed " + seed + ", noise " + noise + ": ";
            sound(softly, as, audit.findings());
            audit.prompts().forEach(p -> sound(softly, as + p.prompt() + ": ", p.findings()));
            unmoved(softly, as, audit);
            softly.assertThat(audit.verdict().text()).as(as).doesNotContain("are departure");
            softly.assertThat(audit.verdict().advice())
                    .as(as)
                    .noneMatch(a -> a.contains("less of the reward") || a.contains("worth fewer copies"));
        }
        softly.assertAll();
    }

    private static Finding of(StepAudit audit, String id) {
        Finding finding = audit.findings().get(id);
        assertThat(finding).as(id).isNotNull();
        return finding;
    }

    private static void sound(SoftAssertions softly, String as, Map<String, Finding> findings) {
        findings.forEach((id, f) -> {
            if (f.stands()) {
                softly.assertThat(f.lower() <= f.estimate() && f.estimate() <= f.upper())
                        .as(as + f)
                        .isTrue();
            } else {
                softly.assertThat(f.reason()).as(as + id).isNotBlank();
            }
        });
    }

    private static void member(SoftAssertions softly, String as, StepAudit audit, double lambda) {
        conditional(softly, as, audit);
        softly.assertThat(of(audit, "bayes_fraction").stands()).as(as).isTrue();
        softly.assertThat(of(audit, "bayes_fraction").estimate()).as(as).isCloseTo(1, within(1e-9));
        softly.assertThat(of(audit, "kl.departure").estimate()).as(as).isBetween(0.0, 1e-12);
        softly.assertThat(of(audit, "kl.policy_asked").estimate()).as(as).isBetween(0.0, 1e-12);
        softly.assertThat(of(audit, "kl.departure.least").estimate()).as(as).isBetween(0.0, 1e-12);
        for (Figure figure : Influence.SLOPES) {
            Finding copies = of(audit, figure.id());
            if (copies.stands()) {
                softly.assertThat(copies.estimate() / lambda).as(as + copies).isCloseTo(1, within(1e-9));
            }
        }
    }

    private static void conditional(SoftAssertions softly, String as, StepAudit audit) {
        softly.assertThat(audit.verdict().label())
                .as(as + audit.verdict().text())
                .isEqualTo(Verdict.Label.CONDITIONAL);
        Verdict asked = audit.verdicts().get("asked");
        softly.assertThat(asked == null ? null : asked.label()).as(as + asked).isEqualTo(Verdict.Label.CONDITIONAL);
        audit.candidates()
                .forEach(c -> softly.assertThat(c.bayesFraction()).as(as + c).isBetween(0.0, 1.0));
    }

    private static void unmoved(SoftAssertions softly, String as, StepAudit audit) {
        softly.assertThat(of(audit, "bayes_fraction").stands()).as(as).isFalse();
        softly.assertThat(audit.verdict().label()).as(as + audit.verdict()).isEqualTo(Verdict.Label.CANNOT_TELL);
        audit.candidates()
                .forEach(c -> softly.assertThat(c.bayesFraction()).as(as + c).isNaN());
        softly.assertThat(audit.gates())
                .as(as)
                .anyMatch(g -> g.id().equals("no_update") && g.status() == Gate.Status.FAIL);
        Verdict asked = audit.verdicts().get("asked");
        softly.assertThat(asked == null || asked.label() == Verdict.Label.CANNOT_TELL)
                .as(as + asked)
                .isTrue();
    }
}
