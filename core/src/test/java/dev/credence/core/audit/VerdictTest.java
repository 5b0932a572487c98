package dev.credence.core.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The verdict's label on each side of each threshold, its words, and each piece of advice given and not given. */
class VerdictTest {
    private static VerdictWriter writer(Evaluation evaluation, @Nullable Double beta) {
        return new VerdictWriter(options(beta, null), evaluation, evaluation.findings(), null);
    }

    private static AuditOptions options(@Nullable Double beta, @Nullable Aim aim) {
        return new AuditOptions(beta, "helpful", RewardType.SCORE, List.of("helpful"), aim, 0);
    }

    private static List<String> advice(Evaluations evaluations, @Nullable Double beta) {
        return writer(evaluations.build(), beta).stated().advice();
    }

    @ParameterizedTest
    @CsvSource({
        "CONDITIONAL, .95, .99, .1",
        "MOSTLY, .949, .99, .1",
        "MOSTLY, .95, .99, .101",
        "MOSTLY, .8, .99, .05",
        "PARTLY, .799, .99, .05",
        "PARTLY, .3, .9, .05",
        "PARTLY, .3, .79, .05",
        "CANNOT_TELL, .299, .3, .05",
        "CANNOT_TELL, .299, .81, .05",
        "NOT, .1, .299, .05",
        "NOT, -3, -2, 5",
    })
    void theLabelFollowsTheEnds(Verdict.Label label, double lower, double upper, double departure) {
        Evaluation evaluation = new Evaluations()
                .set(Figure.BAYES_FRACTION, lower, (lower + upper) / 2, upper)
                .set(Figure.KL_DEPARTURE, 0, departure / 2, departure)
                .build();
        Verdict verdict = writer(evaluation, null).stated();
        assertThat(verdict.label()).isEqualTo(label);
        assertThat(verdict.text())
                .startsWith(
                        switch (label) {
                            case CONDITIONAL ->
                                "The policy is the prior conditioned on helpful, as far as can be told: of";
                            case MOSTLY -> "The policy is mostly the prior conditioned on helpful: of";
                            case PARTLY ->
                                "The policy is " + (upper < .8 ? "only" : "at least")
                                        + " partly the prior conditioned on helpful: of";
                            case NOT -> "The policy is not the prior conditioned on helpful: of";
                            case OPPOSITE -> "The policy moved against helpful: of";
                            case CANNOT_TELL ->
                                upper < .8
                                        ? "The policy is not, or at most partly, the prior conditioned on helpful (not"
                                                + " means below 30 %, which lies within the interval): of"
                                        : "The intervals are too wide to say whether the policy is the prior"
                                                + " conditioned on helpful: of";
                        });
        assertThat(Verdict.Label.CANNOT_TELL.words()).isEqualTo("cannot tell");
    }

    @Test
    void theTextSaysTheLedgerTheCopiesAndTheScope() {
        assertThat(writer(new Evaluations().build(), .25).stated().text())
                .isEqualTo(
                        "The policy is the prior conditioned on helpful, as far as can be told: of its move of 2 (95 %:"
                                + " 1.9 to 2.1) nats, 97.5 % (95 %: 96 to 99 %) is Bayesian conditioning and 0.05 (95 %: 0.01 to"
                                + " 0.09) nats are departure that no number of copies explains. The reward it reached is that of"
                                + " about 4 copies (95 %: 3.5 to 4.5) of the reward, each a factor of e^reward for a text (between"
                                + " rewards compare copies times their standard deviation); in line with the 4 asked by beta ="
                                + " 0.25; the estimators of copies agree. No prompts were held out: this speaks of the trained"
                                + " prompts alone.");
    }

    @Test
    void estimatorsThatDisagreeAreNoConditional() {
        Evaluations apart = new Evaluations().set(Figure.PRIOR_SLOPE, 4.9, 5, 5.1);
        Verdict verdict = writer(apart.build(), null).stated();
        assertThat(verdict.label()).isEqualTo(Verdict.Label.MOSTLY);
        assertThat(verdict.text()).contains("the estimators of copies disagree, which no true conditional's do.");
        // a difference of 1 within 2.807 standard errors (95 % for ten pairs together), and just outside
        assertThat(writer(apart.error(1 / 2.80).build(), null).stated().label()).isEqualTo(Verdict.Label.CONDITIONAL);
        assertThat(writer(apart.error(1 / 2.82).build(), null).stated().label()).isEqualTo(Verdict.Label.MOSTLY);
    }

    @Test
    void everyPairOfEstimatorsIsCompared() {
        for (Figure slope : Influence.SLOPES) {
            Evaluation evaluation = new Evaluations().set(slope, 4.9, 5, 5.1).build();
            assertThat(SlopeAgreement.agrees(evaluation)).as(slope.id()).isFalse();
        }
        // slopes that are apart by less than a tenth of a nat over a standard deviation of the reward agree
        double spread = Math.sqrt(new Evaluations().build().estimates().slopes().mixtureVariance());
        assertThat(SlopeAgreement.agrees(new Evaluations()
                        .set(Figure.MIXTURE_SLOPE, 4, 4 + 0.099 / spread, 5)
                        .build()))
                .isTrue();
        assertThat(SlopeAgreement.agrees(new Evaluations()
                        .set(Figure.MIXTURE_SLOPE, 4, 4 + 0.101 / spread, 5)
                        .build()))
                .isFalse();
        assertThat(SlopeAgreement.agrees(
                        new Evaluations().withdraw(Figure.MIXTURE_SLOPE, "gone").build()))
                .isFalse();
        assertThat(SlopeAgreement.agrees(
                        new Evaluations().withdraw(Figure.MOMENT_MATCH, "gone").build()))
                .isFalse();
    }

    @Test
    void eachDifferenceHasAnErrorOfItsOwn() {
        for (int a = 0; a < 5; a++) {
            for (int b = a + 1; b < 5; b++) {
                // one slope is 1 off the others: four differences; only the columns of those four have an error
                int off = a;
                Evaluations evaluations = new Evaluations()
                        .set(Influence.SLOPES[off], 4.9, 5, 5.1)
                        .error(0);
                Evaluation evaluation = evaluations.build();
                StandardErrors errors = java.util.Objects.requireNonNull(evaluation.errors());
                int column = Influence.DIFFERENCES;
                for (int i = 0; i < 5; i++) {
                    for (int j = i + 1; j < 5; j++, column++) {
                        errors.errors()[column] = i == off || j == off ? 1 : 0;
                    }
                }
                assertThat(SlopeAgreement.agrees(evaluation)).isTrue();
                column = Influence.DIFFERENCES;
                for (int i = 0; i < 5; i++) {
                    for (int j = i + 1; j < 5; j++, column++) {
                        if (i == a && j == b) {
                            errors.errors()[column] = 0.1;
                        }
                    }
                }
                assertThat(SlopeAgreement.agrees(evaluation)).isFalse();
            }
        }
    }

    @Test
    void aHeldOutSplitIsReported() {
        Evaluation evaluation = new Evaluations().build();
        Map<String, Finding> findings = new LinkedHashMap<>(evaluation.findings());
        Finding heldOut = evaluation.get(Figure.BAYES_FRACTION).like("bayes_fraction.heldout", "?", .7, .75, .8);
        findings.put(heldOut.id(), heldOut);
        assertThat(new VerdictWriter(options(null, null), evaluation, findings, null)
                        .stated()
                        .text())
                .endsWith(
                        " On held-out prompts the same conditional accounts for 75 % (95 %: 70 to 80 %) of the move.");
        findings.put(heldOut.id(), heldOut.withdrawn("gone"));
        assertThat(new VerdictWriter(options(null, null), evaluation, findings, null)
                        .stated()
                        .text())
                .endsWith(" No prompts were held out: this speaks of the trained prompts alone.");
        assertThat(writer(new Evaluations().from(Sources.EXACT).build(), null)
                        .stated()
                        .text())
                .endsWith("the estimators of copies agree.");
    }

    @ParameterizedTest
    @CsvSource({
        "3.5, 4.5, fewer than the 5",
        "3.5, 5, in line with the 5",
        "5, 6, in line with the 5",
        "5.1, 6, more than the 5",
    })
    void copiesAreHeldAgainstThoseAsked(double lower, double upper, String words) {
        Evaluation evaluation = new Evaluations()
                .set(Figure.MOMENT_MATCH, lower, (lower + upper) / 2, upper)
                .build();
        assertThat(writer(evaluation, .2).stated().text()).contains("; " + words + " asked by beta = 0.2; ");
        assertThat(writer(evaluation, null).stated().text()).doesNotContain("asked by");
    }

    /** At beta = 0 infinitely many are asked for: 19 to 33 are fewer. */
    @ParameterizedTest
    @CsvSource({"33, fewer than the infinity", "Infinity, in line with the infinity"})
    void finitelyManyCopiesAreFewerThanInfinity(double upper, String words) {
        Evaluation evaluation =
                new Evaluations().set(Figure.MOMENT_MATCH, 19, 25, upper).build();
        assertThat(writer(evaluation, 0.0).stated().text()).contains("; " + words + " asked by beta = 0; ");
    }

    @Test
    void copiesWithoutAnOrderedIntervalAreNotWorded() {
        String words = "The reward it reached";
        assertThat(writer(new Evaluations().build(), null).stated().text()).contains(words);
        for (double[] ends : new double[][] {{Double.NaN, 4, Double.NaN}}) {
            Evaluation evaluation = new Evaluations()
                    .set(Figure.MOMENT_MATCH, ends[0], ends[1], ends[2])
                    .build();
            assertThat(writer(evaluation, null).stated().text()).doesNotContain(words);
        }
        assertThat(writer(
                                new Evaluations()
                                        .withdraw(Figure.MOMENT_MATCH, "gone")
                                        .build(),
                                null)
                        .stated()
                        .text())
                .doesNotContain(words);
        assertThat(writer(new Evaluations().set(Figure.MOMENT_MATCH, 4, 4, 4).build(), null)
                        .stated()
                        .text())
                .contains(words)
                .doesNotContain("no upper end");
        assertThat(writer(
                                new Evaluations()
                                        .set(Figure.MOMENT_MATCH, 3, 4, Double.POSITIVE_INFINITY)
                                        .build(),
                                null)
                        .stated()
                        .text())
                .contains("every policy record has its prompt's largest reward, so the records set no upper end; ");
    }

    @Test
    void whatIsWithdrawnCannotBeTold() {
        Evaluations evaluations = new Evaluations()
                .withdraw(Figure.BAYES_FRACTION, "gate khat: heavy")
                .gate("ess", Gate.Status.PASS, "fine")
                .gate("khat", Gate.Status.FAIL, "heavy", "bayes_fraction", "kl.departure");
        Verdict verdict = writer(evaluations.build(), null).stated();
        assertThat(verdict.label()).isEqualTo(Verdict.Label.CANNOT_TELL);
        assertThat(verdict.text())
                .startsWith("Whether the policy is the prior conditioned on helpful cannot be told from this input: the"
                        + " gate khat withdrew bayes_fraction. At least 0.00405 nats of its move are departure, whatever Z is."
                        + " What still holds: it moved 2 (95 %: 1.9 to 2.1) nats from"
                        + " the prior; under its own texts the log-ratio rises by 4 (95 %: 3.5 to 4.5) for each unit of reward"
                        + " and varies by ")
                .contains(" nats^2 at equal reward (a conditional's would not); a move this long amounts to at most ")
                .contains(" copies, were the reward normal.");
        evaluations.gate("support", Gate.Status.FAIL, "hard", "bayes_fraction");
        assertThat(writer(evaluations.build(), null).stated().text())
                .contains("the gates khat, support withdrew bayes_fraction.");
    }

    @Test
    void withoutAGateTheFindingsOwnReasonIsGiven() {
        Evaluations evaluations = new Evaluations().withdraw(Figure.BAYES_FRACTION, "the reward does not vary");
        assertThat(writer(evaluations.build(), null).stated().text())
                .contains(
                        "cannot be told from this input: the reward does not vary. At least 0.00405 nats of its move are"
                                + " departure, whatever Z is. What still holds");
        evaluations
                .withdraw(Figure.POLICY_SLOPE, "gone")
                .withdraw(Figure.RESIDUAL_VARIANCE, "gone")
                .withdraw(Figure.CEILING, "gone");
        assertThat(writer(evaluations.build(), null).stated().text())
                .contains("What still holds: it moved 2 (95 %: 1.9 to 2.1) nats from the prior. No prompts");
        evaluations.withdraw(Figure.KL_POLICY_PRIOR, "gone");
        assertThat(writer(evaluations.build(), null).stated().text())
                .contains(
                        "the reward does not vary. At least 0.00405 nats of its move are departure, whatever Z is. No prompts")
                .doesNotContain("still holds");
        // a departure that is gone takes the verdict with it
        assertThat(writer(
                                new Evaluations()
                                        .withdraw(Figure.KL_DEPARTURE, "gone")
                                        .build(),
                                null)
                        .stated()
                        .label())
                .isEqualTo(Verdict.Label.CANNOT_TELL);
    }

    @Test
    void againstWhatWasAskedTheFractionIsOneLessItsKlOverTheMove() {
        Evaluation evaluation = new Evaluations().error(0.01).build(); // KL(π‖asked) .05 of 2 nats
        Map<String, Verdict> all = writer(evaluation, .25).all(new Verdict(Verdict.Label.NOT, "x", List.of()));
        assertThat(all).containsOnlyKeys("stated", "asked");
        assertThat(all.get("stated").text()).isEqualTo("x");
        Verdict asked = all.get("asked");
        assertThat(asked.label()).isEqualTo(Verdict.Label.CONDITIONAL); // .975 − .0196 ≥ .95, .09 ≤ .1
        assertThat(asked.text())
                .isEqualTo("Against 4 copies of helpful: the policy is 0.05 (95 %: 0.01 to 0.09) nats away from it, and"
                        + " 97.5 % (95 %: 95.5 to 99.5 %) of its move from the prior leads there.");
        Verdict wider =
                writer(new Evaluations().error(0.02).build(), .25).all(asked).get("asked");
        assertThat(wider.label()).isEqualTo(Verdict.Label.MOSTLY); // .975 − .0392 < .95
        Verdict exact = writer(new Evaluations().build(), .25).all(asked).get("asked");
        assertThat(exact.text()).endsWith("97.5 % of its move from the prior leads there.");
        Verdict away = writer(
                        new Evaluations()
                                .set(Figure.KL_POLICY_ASKED, 1.4, 1.5, 1.6)
                                .error(0.02)
                                .build(),
                        .25)
                .all(asked)
                .get("asked");
        assertThat(away.label()).isEqualTo(Verdict.Label.NOT); // .25 + .0392 < .3
        Verdict unsure = writer(
                        new Evaluations()
                                .set(Figure.KL_POLICY_ASKED, 1.4, 1.5, 1.6)
                                .error(0.03)
                                .build(),
                        .25)
                .all(asked)
                .get("asked");
        assertThat(unsure.label()).isEqualTo(Verdict.Label.CANNOT_TELL); // .25 + .0588 > .3
        assertThat(writer(evaluation, null).all(asked)).containsOnlyKeys("stated");
    }

    @Test
    void againstWhatWasAskedCanBeUntellable() {
        Verdict stated = new Verdict(Verdict.Label.NOT, "x", List.of());
        Verdict still = writer(
                        new Evaluations()
                                .set(Figure.KL_POLICY_PRIOR, 0, 9e-10, 1e-9)
                                .build(),
                        1.0)
                .all(stated)
                .get("asked");
        assertThat(still.label()).isEqualTo(Verdict.Label.CANNOT_TELL);
        assertThat(still.text())
                .isEqualTo("Whether the policy is 1 copy of helpful cannot be told: the policy cannot be told from the"
                        + " prior.");
        assertThat(writer(
                                new Evaluations()
                                        .withdraw(Figure.KL_POLICY_PRIOR, "gone")
                                        .build(),
                                1.0)
                        .all(stated)
                        .get("asked")
                        .text())
                .contains("the policy cannot be told from the prior");
        Verdict gated = writer(
                        new Evaluations()
                                .withdraw(Figure.KL_POLICY_ASKED, "gate ess: thin")
                                .gate("ess", Gate.Status.FAIL, "thin", "kl.policy_asked")
                                .build(),
                        .5)
                .all(stated)
                .get("asked");
        assertThat(gated.text())
                .isEqualTo("Whether the policy is 2 copies of helpful cannot be told: the gate ess withdrew"
                        + " kl.policy_asked.");
    }

    @Test
    void theAimHasAVerdictOfItsOwn() {
        Aim aim = new Aim("the best of 4 draws", "none", RewardLikelihood.beats(4), null, null, null);
        Evaluation overall = new Evaluations().build();
        Aimed aimed = new Aimed(
                new Evaluations().set(Figure.KL_POLICY_ASKED, 1.9, 2, 2.1).build(), List.of(), null);
        Map<String, Verdict> all = new VerdictWriter(options(null, aim), overall, overall.findings(), aimed)
                .all(new Verdict(Verdict.Label.NOT, "x", List.of()));
        assertThat(all).containsOnlyKeys("stated", "aimed");
        assertThat(all.get("aimed").text()).startsWith("Against the best of 4 draws: the policy is 2 (95 %:");
        assertThat(all.get("aimed").label()).isEqualTo(Verdict.Label.NOT);
        assertThat(new VerdictWriter(options(null, null), overall, overall.findings(), aimed)
                        .all(new Verdict(Verdict.Label.NOT, "x", List.of())))
                .containsOnlyKeys("stated");
    }

    @Test
    void nothingIsAdvisedWhereNothingIsAmiss() {
        assertThat(advice(new Evaluations(), .25)).isEmpty();
        assertThat(advice(new Evaluations(), null))
                .containsExactly("Give the run's KL coefficient, beta, to compare what was got with what was asked.");
    }

    @ParameterizedTest
    @CsvSource({
        "khat, Draw where the posterior is: many draws from the prior",
        "ess, Draw where the posterior is: many draws from the prior",
        "unseen, Draw where the posterior is: many draws from the prior",
        "normalisation, Score every text with the distribution",
        "blind_spot, Look at what was dropped",
        "thin_prompts, Draw more records a prompt",
        "support, A hard filter or a truncated sampler",
    })
    void eachGateHasItsAdvice(String id, String start) {
        assertThat(advice(new Evaluations().gate(id, Gate.Status.FAIL, "why"), .25))
                .singleElement()
                .asString()
                .startsWith(start);
        assertThat(advice(new Evaluations().gate(id, Gate.Status.WARN, "why"), .25))
                .hasSize(1);
        assertThat(advice(new Evaluations().gate(id, Gate.Status.PASS, "why"), .25))
                .isEmpty();
    }

    /** Of a log that contradicts itself no draws and no training are advised: what they would rest on is withdrawn. */
    @Test
    void aLogThatIsWrongIsMendedFirst() {
        for (String wrong : List.of("normalisation", "two_estimates", "total_probability")) {
            Evaluations evaluations = new Evaluations()
                    .gate("ess", Gate.Status.FAIL, "thin")
                    .gate("blind_spot", Gate.Status.WARN, "dropped")
                    .gate("thin_prompts", Gate.Status.WARN, "few")
                    .gate(wrong, Gate.Status.FAIL, "wrong");
            assertThat(advice(evaluations, .25))
                    .singleElement()
                    .asString()
                    .startsWith(wrong.equals("normalisation") ? "Score every text" : "See whether sources");
        }
    }

    @Test
    void moreOverlapIsAdvisedOnceAndOtherGatesNever() {
        assertThat(advice(
                        new Evaluations()
                                .gate("ess", Gate.Status.FAIL, "thin")
                                .gate("khat", Gate.Status.FAIL, "heavy")
                                .gate("no_update", Gate.Status.FAIL, "none"),
                        .25))
                .singleElement()
                .asString()
                .endsWith("The gate ess says what they are too few for.");
        assertThat(advice(
                        new Evaluations()
                                .gate("support", Gate.Status.FAIL, "hard")
                                .gate("khat", Gate.Status.FAIL, "heavy"),
                        .25))
                .hasSize(2);
        assertThat(advice(
                        new Evaluations().from(Sources.POLICY_ONLY).gate("blind_spot", Gate.Status.FAIL, "blind"), .25))
                .containsExactly("Add draws from the prior, scored under both models: dropped modes show only there.");
    }

    @ParameterizedTest
    @CsvSource({
        "3.5, 4, 4.5, .2, 'The reward reached is worth fewer copies than asked: train longer, or state beta = 0.25 if'",
        "5.5, 6, 6.5, .2, The reward reached is worth more copies than asked: the penalty did not hold;",
    })
    void copiesApartFromThoseAskedAreSpokenOf(double lower, double estimate, double upper, double beta, String start) {
        Evaluations evaluations = new Evaluations().set(Figure.MOMENT_MATCH, lower, estimate, upper);
        assertThat(advice(evaluations, beta)).singleElement().asString().startsWith(start);
        assertThat(advice(evaluations, null)).hasSize(1).first().asString().startsWith("Give the run's KL coefficient");
        assertThat(advice(evaluations.withdraw(Figure.MOMENT_MATCH, "gone"), beta))
                .isEmpty();
        assertThat(advice(new Evaluations().set(Figure.MOMENT_MATCH, 5, 6, 7), beta))
                .isEmpty();
        assertThat(advice(new Evaluations().set(Figure.MOMENT_MATCH, 3, 4, 5), beta))
                .isEmpty();
    }

    @Test
    void aNotableDepartureIsPriced() {
        Evaluations evaluations = new Evaluations().set(Figure.KL_DEPARTURE, .11, .3, .5);
        assertThat(advice(evaluations, .25))
                .containsExactly("The same mean reward costs only 1.95 nats as an exact conditional (rejection, or"
                        + " best-of-n nearly so); the other 0.3 nats bought nothing that this reward sees.");
        assertThat(advice(new Evaluations().set(Figure.KL_DEPARTURE, .1, .3, .5), .25))
                .isEmpty();
        assertThat(advice(evaluations.withdraw(Figure.KL_EXPLAINED, "gone"), .25))
                .isEmpty();
        assertThat(advice(
                        new Evaluations().set(Figure.KL_DEPARTURE, .11, .3, .5).withdraw(Figure.KL_DEPARTURE, "gone"),
                        .25))
                .isEmpty();
    }

    /** Five outcomes saturate the regression, so six are behind these. */
    @Test
    void nuisancesThatAreNotZeroAreNamed() {
        assertThat(nuisance(Figure.NUISANCE_LENGTH, .1, .2, .3))
                .singleElement()
                .asString()
                .startsWith("Length moved by itself, by 0.2 (95 %: 0.1 to 0.3) nats a token at equal reward: ");
        assertThat(nuisance(Figure.NUISANCE_LENGTH, -.3, -.2, -.1)).hasSize(1);
        assertThat(nuisance(Figure.NUISANCE_LENGTH, 0, .2, .3)).isEmpty();
        assertThat(nuisance(Figure.NUISANCE_LENGTH, -.3, -.2, 0)).isEmpty();
        assertThat(nuisance(Figure.NUISANCE_LOG_PRIOR, .1, .2, .3))
                .singleElement()
                .asString()
                .startsWith("The policy sharpened the prior beside the reward, by 0.2 (95 %: 0.1 to 0.3) on log pi0: ");
        assertThat(nuisance(Figure.NUISANCE_LOG_PRIOR, -.3, -.2, -.1))
                .singleElement()
                .asString()
                .startsWith(
                        "The policy flattened the prior beside the reward, by -0.2 (95 %: -0.3 to -0.1) on log pi0: ");
        assertThat(nuisance(Figure.NUISANCE_LOG_PRIOR, -.1, 0, .1)).isEmpty();
        assertThat(advice(new Evaluations().set(Figure.NUISANCE_LENGTH, .1, .2, .3), .25))
                .as("four outcomes")
                .isEmpty();
    }

    private static List<String> nuisance(Figure figure, double lower, double estimate, double upper) {
        Evaluation standing = new Evaluations()
                .outcomes(6)
                .set(figure, lower, estimate, upper)
                .build();
        Evaluation gone = new Evaluations()
                .outcomes(6)
                .set(figure, lower, estimate, upper)
                .withdraw(figure, "gone")
                .build();
        assertThat(writer(gone, .25).stated().advice()).isEmpty();
        Evaluation saturated = new Evaluations()
                .outcomes(5)
                .set(figure, lower, estimate, upper)
                .build();
        assertThat(writer(saturated, .25).stated().advice()).isEmpty();
        return writer(standing, .25).stated().advice();
    }
}
