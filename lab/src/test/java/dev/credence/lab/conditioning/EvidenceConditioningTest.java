package dev.credence.lab.conditioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.EvidenceExpression;
import dev.credence.lab.Credence;
import dev.credence.lab.posteriors.PosteriorQuestion;
import dev.credence.methods.BestOfN;
import dev.credence.methods.Conditioner;
import dev.credence.methods.Luce;
import dev.credence.methods.Quantilizer;
import dev.credence.methods.Rejection;
import dev.credence.methods.Resample;
import dev.credence.methods.Tilt;
import dev.credence.methods.training.NaturalGradient;
import dev.credence.methods.training.PolicyGradient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The algebra of evidence is asked of methods as a reward is: of t1, with prior .4 .3 .2 .1 and rewards 0 to 3. */
class EvidenceConditioningTest {
    private static final double[] PRIOR = {.4, .3, .2, .1};

    private static Answer of(String evidence, double beta, Conditioner method) {
        PosteriorQuestion question = new PosteriorQuestion(EvidenceExpression.parse(evidence), null);
        return Credence.conditionOn(Credence.world("t1"), question, beta, method)
                .get(0);
    }

    private static double figure(Answer answer, String id) {
        Finding finding = Objects.requireNonNull(answer.findings().get(id), id);
        assertThat(finding.grade()).as(id).isEqualTo(Grade.EXACT);
        return finding.estimate();
    }

    private static double probability(Answer answer, String text) {
        return Objects.requireNonNull(answer.policy()).given("").probability(text);
    }

    @Test
    void theRewardAsEvidenceIsTheReward() {
        Answer evidence = of("reward:", 0.5, BestOfN.of(3));
        Answer reward = Credence.condition(Credence.world("t1"), null, 0.5, BestOfN.of(3))
                .get(0);
        assertThat(evidence.asked()).isEqualTo(reward.asked()).isEqualTo("2 copies of the reward (beta 0.5)");
        assertThat(evidence.findings().get("bayes_fraction"))
                .isEqualTo(reward.findings().get("bayes_fraction"));
    }

    /** Asked to beat three draws of the prior, the tilt of that evidence is best-of-4 itself. */
    @Test
    void whatDependsOnAllTextsIsAskedOfATable() {
        Answer tilt = of("beats:4", 1, Tilt.atKl(1));
        Answer best = of("beats:4", 1, BestOfN.of(4));
        assertThat(tilt.asked()).isEqualTo("being picked as the best of 4 draws from the prior");
        assertThat(probability(tilt, "d")).isCloseTo(1 - Math.pow(.9, 4), within(1e-12));
        assertThat(probability(best, "d")).isCloseTo(1 - Math.pow(.9, 4), within(1e-12));
        assertThat(figure(tilt, "kl.policy_asked")).isCloseTo(0, within(1e-12));
        assertThat(figure(best, "copies.moment_match")).isCloseTo(1, within(1e-9));
    }

    /** Two copies of half a copy of the reward, among b, c and d: against sums written out here. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 0.5, 0.2})
    void evidenceThatExcludesIsAuditedInClosedForm(double beta) {
        double copies = 0.5 / beta;
        double z = 0;
        double mean = 0;
        for (int r = 1; r <= 3; r++) {
            z += PRIOR[r] * Math.exp(copies * r);
            mean += PRIOR[r] * Math.exp(copies * r) * copies * r;
        }
        Answer got = of("at-least:1 and 0.5*reward:", beta, Rejection.atKl(beta));
        double kl = mean / z - Math.log(z);
        assertThat(probability(got, "a")).isZero();
        assertThat(figure(got, "log_z")).isCloseTo(Math.log(z), within(1e-9));
        assertThat(figure(got, "kl.policy_prior")).isCloseTo(kl, within(1e-9));
        assertThat(figure(got, "kl.asked_prior")).isCloseTo(kl, within(1e-9));
        assertThat(figure(got, "kl.explained")).isCloseTo(kl, within(1e-9));
        assertThat(figure(got, "kl.departure")).isCloseTo(0, within(1e-9));
        assertThat(figure(got, "bayes_fraction")).isCloseTo(1, within(1e-9));
        assertThat(figure(got, "kl.policy_asked")).isCloseTo(0, within(1e-9));
        assertThat(figure(got, "kl.prior_policy")).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(figure(got, "copies.moment_match")).isCloseTo(1 / beta, within(1e-6));
        assertThat(figure(got, "mass.excluded")).isZero();
        assertThat(got.audit().verdict().label()).isEqualTo(Verdict.Label.CONDITIONAL);
        assertThat(Objects.requireNonNull(got.findings().get("copies.prior_slope"))
                        .reason())
                .contains("the evidence excludes texts of the prior");
    }

    @Test
    void aPolicyAmongAdmittedTextsHasTheDepartureThatItHasAmongThem() {
        Answer half = of("at-least:1", 1, Resample.of(1));
        assertThat(figure(half, "mass.excluded")).isZero(); // a pool of an excluded text is drawn anew
        Answer best = of("at-least:1 and 0.5*reward:", 1, Quantilizer.of(0.1)); // d alone
        double z = .3 * Math.exp(.5) + .2 * Math.exp(1) + .1 * Math.exp(1.5);
        assertThat(figure(best, "kl.policy_prior")).isCloseTo(-Math.log(.1), within(1e-9));
        assertThat(figure(best, "kl.policy_asked")).isCloseTo(-Math.log(.1 * Math.exp(1.5) / z), within(1e-9));
    }

    /** No number of copies leads to a policy that has an excluded text. */
    @Test
    void aPolicyWithExcludedTextsIsNoConditional() {
        Answer got = of("at-least:2", 1, BestOfN.of(2));
        double excluded = .7 * .7;
        assertThat(figure(got, "mass.excluded")).isCloseTo(excluded, within(1e-12));
        assertThat(figure(got, "kl.policy_asked")).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(figure(got, "kl.asked_policy")).isCloseTo(-Math.log(1 - excluded), within(1e-9));
        double kl = excluded * Math.log(excluded / .7) + (1 - excluded) * Math.log((1 - excluded) / .3);
        assertThat(figure(got, "kl.policy_prior")).isCloseTo(kl, within(1e-9));
        assertThat(figure(got, "kl.departure")).isCloseTo(kl, within(1e-9));
        assertThat(figure(got, "bayes_fraction")).isZero();
        assertThat(got.audit().verdict().label()).isEqualTo(Verdict.Label.NOT);
        assertThat(got.audit().verdict().text()).contains("0.490 of its mass is on texts that the evidence excludes");
        assertThat(Objects.requireNonNull(got.findings().get("copies.moment_match"))
                        .grade())
                .isEqualTo(Grade.WITHDRAWN);
    }

    @Test
    void anEventIsOneCopyHoweverOftenItIsSeen() {
        Answer got = of("contains:d", 0.25, Rejection.atKl(0.25));
        assertThat(probability(got, "d")).isEqualTo(1);
        assertThat(figure(got, "kl.explained")).isCloseTo(-Math.log(.1), within(1e-9));
        assertThat(got.audit().verdict().label()).isEqualTo(Verdict.Label.CONDITIONAL);
        assertThat(Objects.requireNonNull(got.findings().get("copies.moment_match"))
                        .grade())
                .isEqualTo(Grade.WITHDRAWN);
    }

    @Test
    void promptsAreAskedWithTheirWeights() {
        Map<String, Distribution> byPrompt = new LinkedHashMap<>();
        byPrompt.put("p", Distribution.of(Map.of("xa", .5, "xb", .5)));
        byPrompt.put("q", Distribution.of(Map.of("xa", .2, "ya", .8)));
        TableModel prior = TableModel.of(byPrompt, Map.of("p", 3.0, "q", 1.0));
        Answer got = Credence.conditionOn(prior, Evidence.prompt("x"), Rejection.atKl(1))
                .get(0);
        assertThat(figure(got, "kl.policy_prior")).isCloseTo(-.25 * Math.log(.2), within(1e-12));
        assertThat(figure(got, "log_z")).isCloseTo(.25 * Math.log(.2), within(1e-12));
    }

    @Test
    void methodsThatLearnFromTheLikelihoodRefuseWhatExcludes() {
        for (Conditioner method : new Conditioner[] {PolicyGradient.rloo(), new NaturalGradient()}) {
            assertThatThrownBy(() -> of("at-least:2", 1, method))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("evidence is at-least:2; it excludes texts, and "
                            + method.card().name() + " learns from the log-likelihood itself");
        }
        assertThat(of("raters:2 of min(1,contains:d)", 1, PolicyGradient.rloo()).asked())
                .contains("2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "top:.5 | 0.5 | beta is 0.5; evidence top: is seen once",
                "contains:d | 0 | beta is 0; an event has no reward to be the largest",
                "reward:nosuch | 1 | evidence is nosuch",
                "2*length | 1 | evidence is length; length counts tokens, and a world's outcomes are texts without tokens",
                "level:2 of length | 1 | evidence is length; length counts tokens",
                "at-least:1 of field:x | 1 | evidence is field:x; a world's own rewards are named without field:",
                "at-least:2 | -1 | beta is -1.0; it must be a finite number, 0 or larger",
            })
    void whatCannotBeAskedIsNamed(String evidence, double beta, String message) {
        assertThatThrownBy(() -> of(evidence, beta, Luce.of(3)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatNoTextShowsHasNoPosterior() {
        assertThatThrownBy(() -> of("contains:zz", 1, Tilt.atKl(1))).isInstanceOf(NoPosteriorException.class);
    }
}
