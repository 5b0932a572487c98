package dev.credence.core.audit;

import static dev.credence.core.Vectors.assertVector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.RandomWorld;
import dev.credence.core.TestWorlds;
import dev.credence.core.Vectors;
import dev.credence.core.diagnostics.SamplesToSeparate;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.TiltedFamily;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Audits of exact tables against reference vectors and the identities of docs/theory.md#the-ledger. */
class TableAuditTest {
    private static final Distribution T3_POLICY = TestWorlds.distribution(.05, .10, .60, .25);
    private static final RewardFunction T1_REWARD = TestWorlds.reward(TestWorlds.t1Rewards());

    private static StepAudit audit(
            Distribution prior, Distribution policy, RewardFunction reward, @Nullable Double beta) {
        return Audit.of(TableModel.of(prior), TableModel.of(policy), Map.of("reward", reward), Logs.options(beta));
    }

    private static Distribution tilted(Distribution prior, double[] reward, double lambda) {
        return Distribution.ofLogWeights(
                prior.outcomes(), TiltedFamily.of(prior, reward).logPosterior(lambda));
    }

    private static double estimate(StepAudit audit, String id) {
        Finding finding = audit.findings().get(id);
        assertThat(finding).as(id).isNotNull();
        assertThat(finding.grade()).as(id + ": " + finding.reason()).isEqualTo(Grade.EXACT);
        assertThat(finding.lower()).isEqualTo(finding.estimate()).isEqualTo(finding.upper());
        return finding.estimate();
    }

    @Test
    void theLedgerAndCopiesOfT3() {
        StepAudit audit = audit(TestWorlds.T1, T3_POLICY, T1_REWARD, 1.0);
        assertVector(estimate(audit, "kl.policy_prior"), "T3.KL_pi_prior");
        assertVector(estimate(audit, "kl.explained"), "T3.KL_pm_prior");
        assertVector(estimate(audit, "kl.departure"), "T3.minKL_pi_to_family");
        assertVector(estimate(audit, "bayes_fraction"), "T3.bayes_fraction");
        assertVector(estimate(audit, "copies.moment_match"), "T3.lam_revKL_momentmatch");
        assertVector(estimate(audit, "copies.self_consistent"), "T3.lam_fwdKL");
        assertVector(estimate(audit, "copies.prior_slope"), "T3.pi0", "slope");
        assertVector(estimate(audit, "copies.policy_slope"), "T3.pi", "slope");
        assertVector(estimate(audit, "copies.mixture_slope"), "T3.mix", "slope");
        assertVector(estimate(audit, "log_z"), "T1.beta1", "logZ");
        assertVector(estimate(audit, "kl.asked_prior"), "T1.beta1", "KLpost_prior");
        assertVector(estimate(audit, "reward.asked"), "T1.beta1", "Er");
        assertVector(estimate(audit, "entropy.asked"), "T1.beta1", "H");
        assertThat(audit.verdict().label()).isEqualTo(Verdict.Label.PARTLY);
    }

    @Test
    void theForwardKlAtTheSelfConsistentCopiesIsTheLeast() {
        double lambda = Vectors.number("T3.lam_fwdKL");
        StepAudit audit = audit(TestWorlds.T1, T3_POLICY, T1_REWARD, 1 / lambda);
        assertVector(estimate(audit, "kl.asked_policy"), "T3.minKL_family_to_pi");
    }

    @Test
    void theRegressionsOfT3() {
        AtomMoments moments = AtomMoments.of(new TableAtoms("", 1, TestWorlds.T1, T3_POLICY, T1_REWARD));
        regression(moments, moments.prior(), "T3.pi0");
        regression(moments, moments.policy(), "T3.pi");
        regression(moments, moments.mixture(), "T3.mix");
        double lambda = Vectors.number("T3.lam_revKL_momentmatch");
        assertVector(Math.sqrt(moments.policy().residual(lambda)), "X.sd_per_sample");
    }

    private static void regression(AtomMoments moments, AtomMoments.Pair under, String key) {
        double slope = under.covariance() / under.variance();
        double intercept = under.logRatio() - slope * under.reward();
        double residual = under.residual(slope);
        AtomTilt tilt = AtomTilt.of(new TableAtoms("", 1, TestWorlds.T1, T3_POLICY, T1_REWARD), moments, slope);
        assertThat(intercept).as(key).isCloseTo(Vectors.number(key, "intercept"), within(Vectors.TOLERANCE));
        assertThat(-tilt.logZ()).isCloseTo(Vectors.number(key, "minus_logZ_at_slope"), within(Vectors.TOLERANCE));
        assertThat(intercept + tilt.logZ()).isCloseTo(Vectors.number(key, "discrepancy"), within(Vectors.TOLERANCE));
        assertThat(residual).isCloseTo(Vectors.number(key, "resid_var"), within(Vectors.TOLERANCE));
        assertThat(1 - residual / under.ratioVariance())
                .isCloseTo(Vectors.number(key, "R2"), within(Vectors.TOLERANCE));
    }

    @Test
    void theErrorOfTheMixtureSlopeAtFiveHundredDraws() {
        AtomMoments.Pair q = AtomMoments.of(new TableAtoms("", 1, TestWorlds.T1, T3_POLICY, T1_REWARD))
                .mixture();
        double slope = q.covariance() / q.variance();
        double robust = 0;
        for (int i = 0; i < 4; i++) {
            double p = 0.5 * (TestWorlds.T1.probability(i) + T3_POLICY.probability(i));
            double x = i - q.reward();
            double e = T3_POLICY.logProbability(i) - TestWorlds.T1.logProbability(i) - q.logRatio() - slope * x;
            robust += p * x * x * e * e;
        }
        assertVector(Math.sqrt(robust / 500) / q.variance(), "T3.se_mix_N500", "HC");
        assertVector(Math.sqrt(q.residual(slope) / (500 * q.variance())), "T3.se_mix_N500", "homosk");
    }

    @Test
    void anExactMemberHasEveryEstimatorAgree() {
        Distribution member = tilted(TestWorlds.T1, TestWorlds.t1Rewards(), 4);
        StepAudit audit = audit(TestWorlds.T1, member, T1_REWARD, 0.25);
        for (Figure figure : Influence.SLOPES) {
            assertThat(estimate(audit, figure.id())).as(figure.id()).isCloseTo(4, within(1e-9));
        }
        assertThat(estimate(audit, "kl.departure")).isBetween(0.0, 1e-15);
        assertThat(estimate(audit, "bayes_fraction")).isCloseTo(1, within(1e-12));
        assertThat(audit.verdict().label()).isEqualTo(Verdict.Label.CONDITIONAL);
        assertThat(audit.verdicts().get("asked").label()).isEqualTo(Verdict.Label.CONDITIONAL);
    }

    @Test
    void perPromptInterceptsAreMandatory() {
        Distribution half = TestWorlds.distribution(.5, .5);
        RewardFunction reward = (prompt, x) -> (prompt.equals("A") ? 0 : 4) + (x.equals("a") ? 0 : 1);
        Map<String, Distribution> prior = new LinkedHashMap<>();
        Map<String, Distribution> policy = new LinkedHashMap<>();
        for (String prompt : List.of("A", "B")) {
            prior.put(prompt, half);
            policy.put(prompt, tilted(half, new double[] {0, 1}, 2));
        }
        StepAudit audit =
                Audit.of(TableModel.of(prior), TableModel.of(policy), Map.of("reward", reward), Logs.options(0.5));
        assertVector(estimate(audit, "copies.prior_slope"), "P.fixed_effects", "slope");
        double logZ = audit.prompts().get(0).findings().get("log_z").estimate();
        assertVector(-logZ, "P.fixed_effects", "intA");

        Distribution pooledPrior = TestWorlds.distribution(.25, .25, .25, .25);
        double p = policy.get("A").probability(0);
        double[] logRatio = {Math.log(2 * p), Math.log(2 * (1 - p)), Math.log(2 * p), Math.log(2 * (1 - p))};
        Distribution pooled = Distribution.ofLogWeights(pooledPrior.outcomes(), logRatio);
        AtomMoments.Pair naive = AtomMoments.of(
                        new TableAtoms("", 1, pooledPrior, pooled, TestWorlds.reward(0, 1, 4, 5)))
                .prior();
        assertVector(naive.covariance() / naive.variance(), "P.pooled", "slope");
        assertVector(
                naive.covariance() * naive.covariance() / (naive.variance() * naive.ratioVariance()), "P.pooled", "R2");
    }

    @Test
    void sharpeningShowsInTheLogPriorColumn() {
        Distribution prior = TestWorlds.distribution(.1, .4, .2, .3);
        double[] sharpened = Vectors.numbers("S2.temp.7_worldC", "p");
        double[] logRatio =
                IntStream.range(0, 4).mapToDouble(i -> Math.log(sharpened[i])).toArray();
        Distribution policy = Distribution.ofLogWeights(prior.outcomes(), logRatio);
        PromptPool pool =
                new PromptPool(List.of(PromptAtoms.of(new TableAtoms("", 1, prior, policy, T1_REWARD), Double.NaN)));
        Nuisances nuisances = Nuisances.of(pool);
        double[] expected = Vectors.numbers("S2.temp.7_worldC", "coef");
        // the vector prints the policy with eight decimals, so its coefficients carry fewer digits than that
        assertThat(nuisances.coefficient(Nuisances.REWARD)).isCloseTo(expected[1], within(1e-5));
        assertThat(nuisances.coefficient(Nuisances.LOG_PRIOR)).isCloseTo(expected[2], within(1e-5));
        assertThat(nuisances.coefficient(Nuisances.LENGTH)).isNaN();
    }

    @Test
    void theBlindSpotOfPolicyRecords() {
        double[] posterior = tilted(TestWorlds.T1, TestWorlds.t1Rewards(), 1).probabilities();
        double kept = posterior[0] + posterior[3];
        assertVector(kept, "X.blind", "kept");
        Distribution policy = TestWorlds.distribution(posterior[0] / kept, 0, 0, posterior[3] / kept);
        StepAudit exact = audit(TestWorlds.T1, policy, T1_REWARD, 1.0);
        assertVector(estimate(exact, "kl.policy_asked"), "X.blind", "true_revKL");
        assertVector(exact.findings().get("log_z").estimate(), "X.blind", "logZ");
        Gate support = gate(exact, "support");
        assertThat(support.status()).isEqualTo(Gate.Status.FAIL);
        assertThat(exact.findings().get("kl.asked_policy").estimate()).isInfinite();
        assertThat(exact.findings().get("kl.asked_policy").stands()).isFalse();

        RolloutLog log = Logs.of(List.of( // π(a) : π(d) in whole records
                new Logs.Row("", 1, 0, Math.log(.4), Math.log(.5)),
                new Logs.Row("", 1, 3, Math.log(.1), Math.log(.5))));
        Atoms atoms = new LogAtoms(log, log.prompts().get(0), 1, 0);
        // with the two atoms weighted by the policy, the estimate of Z from policy records alone is m·Z
        double naive = Math.log(policy.probability(0) * .4 / policy.probability(0)
                + policy.probability(3) * .1 * Math.exp(3) / policy.probability(3));
        assertVector(naive, "X.blind", "logZhat");
        StepAudit blind = Audit.of(log, Logs.options(1.0));
        assertThat(gate(blind, "blind_spot").status()).isEqualTo(Gate.Status.FAIL);
        assertThat(atoms.size()).isEqualTo(2);
        for (String id : List.of("kl.asked_policy", "kl.prior_policy", "kl.departure", "bayes_fraction", "log_z")) {
            assertThat(blind.findings().get(id).stands()).as(id).isFalse();
        }
        assertThat(blind.verdict().label()).isEqualTo(Verdict.Label.CANNOT_TELL);
    }

    private static int bit(String outcome, int position) {
        return ((outcome.charAt(0) - 'a') >> position) & 1;
    }

    private static Gate gate(StepAudit audit, String id) {
        return audit.gates().stream().filter(g -> g.id().equals(id)).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"beauty", "approve", "syco", "half"})
    void theCandidatesOfT14(String name) {
        double[] prior = Vectors.numbers("T14.prior");
        Map<String, RewardFunction> rewards = new LinkedHashMap<>(); // outcome = 4 beautiful + 2 approved + sycophantic
        rewards.put("approve", (prompt, x) -> bit(x, 1));
        rewards.put("beauty", (prompt, x) -> bit(x, 2));
        rewards.put("syco", (prompt, x) -> bit(x, 0));
        rewards.put("half", (prompt, x) -> 0.5 * bit(x, 2) + 0.5 * bit(x, 1));
        Distribution world = TestWorlds.distribution(prior);
        double[] approved = IntStream.range(0, 8).mapToDouble(i -> (i >> 1) & 1).toArray();
        Distribution policy = tilted(world, approved, 2);
        assertVector(policy.probabilities(), "T14.pi");
        StepAudit audit = Audit.of(
                TableModel.of(world),
                TableModel.of(policy),
                rewards,
                new AuditOptions(0.5, "approve", RewardType.PROBABILITY, List.copyOf(rewards.keySet()), null, 1));
        assertVector(estimate(audit, "kl.policy_prior"), "T14.KLpi_prior");
        Candidate candidate = audit.candidates().stream()
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow();
        Map<String, String> keys =
                Map.of("beauty", "T14.beauty", "approve", "T14.approve", "syco", "T14.syco", "half", "T14.half");
        String key = keys.get(name);
        assertThat(candidate.copies()).isCloseTo(Vectors.number(key, "lam"), within(Vectors.TOLERANCE));
        assertThat(candidate.departure()).isCloseTo(Vectors.number(key, "departure"), within(Vectors.TOLERANCE));
        assertThat(candidate.bayesFraction()).isCloseTo(Vectors.number(key, "bayes_frac"), within(Vectors.TOLERANCE));
        assertThat(audit.candidates().get(0).name()).isEqualTo("approve");
        if (Vectors.get(key).get("samples20to1").isNull()) {
            assertThat(candidate.samplesToSeparate()).isInfinite();
        } else {
            assertThat(SamplesToSeparate.onAverage(candidate.departure(), 0))
                    .isEqualTo(Vectors.number(key, "samples20to1"));
        }
    }

    @Test
    void identitiesHoldOnRandomWorlds() {
        for (long seed = 0; seed < 1000; seed++) {
            RandomWorld world = RandomWorld.of(seed);
            double beta = 0.3 + seed % 7;
            StepAudit audit = audit(world.prior(), world.policy(), world.reward(), beta);
            double kl = estimate(audit, "kl.policy_prior");
            assertThat(estimate(audit, "kl.explained") + estimate(audit, "kl.departure"))
                    .as("Pythagoras, seed " + seed)
                    .isCloseTo(kl, within(1e-9));
            // E_π[ℓ − r/β] + log Z = KL(π‖π*): the intercept's discrepancy is the reverse KL
            double discrepancy = kl - estimate(audit, "reward.policy") / beta + estimate(audit, "log_z");
            assertThat(estimate(audit, "kl.policy_asked")).isCloseTo(discrepancy, within(1e-9));
            assertThat(estimate(audit, "kl.policy_asked"))
                    .isGreaterThanOrEqualTo(estimate(audit, "kl.departure") - 1e-9);

            RewardFunction scaled = (prompt, x) -> 3 * world.reward().reward(prompt, x) + 5;
            StepAudit same = audit(world.prior(), world.policy(), scaled, 3 * beta);
            for (String id :
                    List.of("kl.explained", "kl.departure", "bayes_fraction", "kl.policy_asked", "copies.per_sigma")) {
                assertThat(estimate(same, id)).as(id + ", seed " + seed).isCloseTo(estimate(audit, id), within(1e-8));
            }
        }
    }

    @Test
    void betaZeroAsksForTheLargestReward() {
        StepAudit audit = audit(TestWorlds.T1, T3_POLICY, T1_REWARD, 0.0);
        assertThat(audit.findings().get("log_z").estimate()).isInfinite();
        assertThat(estimate(audit, "kl.asked_prior")).isCloseTo(-Math.log(.1), within(1e-12));
        assertThat(estimate(audit, "gap.objective")).isCloseTo(3 - (.1 + 1.2 + .75), within(1e-12));
        assertThat(estimate(audit, "recall")).isCloseTo(0, within(1e-12));
    }

    @Test
    void aPolicyOfOnlyTheBestHasInfiniteCopies() {
        StepAudit audit = audit(TestWorlds.T1, TestWorlds.distribution(0, 0, 0, 1), T1_REWARD, 1.0);
        assertThat(audit.findings().get("copies.moment_match").estimate()).isInfinite();
        assertThat(estimate(audit, "kl.explained")).isCloseTo(-Math.log(.1), within(1e-12));
        assertThat(estimate(audit, "kl.departure")).isCloseTo(0, within(1e-12));
    }

    @Test
    void aConstantRewardExplainsNothing() {
        StepAudit audit = audit(TestWorlds.T1, T3_POLICY, (prompt, x) -> 7, 1.0);
        assertThat(estimate(audit, "kl.explained")).isZero();
        assertThat(audit.findings().get("copies.moment_match").reason()).isEqualTo("the reward does not vary");
        assertThat(audit.verdict().label()).isEqualTo(Verdict.Label.NOT);
        assertThat(audit.verdict().advice())
                .anyMatch(line -> line.startsWith("The reward is the same in all records of a prompt"))
                .noneMatch(line -> line.startsWith("The same mean reward costs"));
        assertThat(audit(TestWorlds.T1, T3_POLICY, T1_REWARD, 1.0).verdict().advice())
                .noneMatch(line -> line.startsWith("The reward is the same"))
                .anyMatch(line -> line.startsWith("The same mean reward costs"));
    }

    @Test
    void aPolicyBeyondThePriorIsNoConditional() {
        StepAudit audit = audit(TestWorlds.distribution(.5, .5, 0, 0), T3_POLICY, T1_REWARD, 1.0);
        Gate support = gate(audit, "support");
        assertThat(support.status()).isEqualTo(Gate.Status.FAIL);
        assertThat(support.figure()).isCloseTo(.85, within(1e-12));
        assertThat(support.reason()).contains("texts that the prior cannot produce");
        assertThat(audit.findings().get("bayes_fraction").stands()).isFalse();
    }

    @Test
    void theAimOfBestOfNIsReachedByBestOfN() {
        RewardLikelihood best = RewardLikelihood.beats(4);
        double[] logLikelihood = best.logLikelihoods(TestWorlds.t1Rewards(), TestWorlds.T1.probabilities());
        double[] weights = IntStream.range(0, 4)
                .mapToDouble(i -> logLikelihood[i] + TestWorlds.T1.logProbability(i))
                .toArray();
        Distribution policy = Distribution.ofLogWeights(TestWorlds.T1.outcomes(), weights);
        StepAudit audit = Audit.of(
                TableModel.of(TestWorlds.T1),
                TableModel.of(policy),
                Map.of("reward", T1_REWARD),
                new AuditOptions(
                        null,
                        "reward",
                        RewardType.SCORE,
                        List.of("reward"),
                        new Aim("the best of 4", "none", best, null, null, null),
                        1));
        assertThat(audit.verdicts().get("aimed").label()).isEqualTo(Verdict.Label.CONDITIONAL);
        assertThat(audit.verdicts()).doesNotContainKey("asked");
        assertThat(audit.verdict().label()).isNotEqualTo(Verdict.Label.CONDITIONAL);
    }

    @Test
    void unknownRewardsAndBadBetasAreRefused() {
        assertThatThrownBy(() -> Audit.of(
                        TableModel.of(TestWorlds.T1),
                        TableModel.of(T3_POLICY),
                        Map.of("r", T1_REWARD),
                        Logs.options(1.0)))
                .hasMessageContaining("reward 'reward' is not one of [r]");
        assertThatThrownBy(() -> Logs.options(-1.0)).hasMessageContaining("beta is -1.0");
        assertThatThrownBy(() -> audit(TestWorlds.T1, T3_POLICY, (prompt, x) -> Double.NaN, 1.0))
                .hasMessageContaining("reward of outcome 'a'");
    }
}
