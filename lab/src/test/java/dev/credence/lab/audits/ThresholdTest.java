package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Plots;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.ThresholdOutcome.Side;
import dev.credence.core.audit.Verdict;
import dev.credence.core.provenance.InputException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThresholdTest {
    private static Finding finding(String id, double lower, double estimate, double upper, Grade grade) {
        return new Finding(id, "How much?", lower, estimate, upper, grade, "share", null, null);
    }

    private static StepAudit audit(Verdict.Label label, Finding finding) {
        Verdict verdict = new Verdict(label, "So it is.", List.of());
        return new StepAudit(
                null,
                Map.of(finding.id(), finding),
                List.of(),
                List.of(),
                List.of(),
                verdict,
                Map.of("stated", verdict),
                new Plots(List.of(), Double.NaN, null, List.of()));
    }

    private static ThresholdOutcome outcome(Side side, double limit, Finding finding) {
        return new Threshold(finding.id(), side, limit).outcome(audit(Verdict.Label.PARTLY, finding));
    }

    @ParameterizedTest
    @CsvSource({
        "UNDER, .69, true", "UNDER, .7, true", "UNDER, .71, false", "UNDER, .75, false",
        "OVER, .91, true", "OVER, .9, true", "OVER, .89, false", "OVER, .8, false",
        "OVER, Infinity, true", "UNDER, -Infinity, true",
    })
    void theEndOfTheIntervalCounts(Side side, double limit, boolean met) {
        ThresholdOutcome outcome = outcome(side, limit, finding("recall", .7, .8, .9, Grade.ESTIMATED));
        assertThat(outcome.met()).isEqualTo(met);
        assertThat(outcome.reason())
                .startsWith("recall has " + (side == Side.UNDER ? "lower end 0.7, " : "upper end 0.9, "))
                .contains((met ? "not " : "") + side.name().toLowerCase(Locale.ROOT) + " ");
    }

    @Test
    void aWithdrawnFigureIsNeitherMetNorMissed() {
        Finding withdrawn = finding("recall", .7, .8, .9, Grade.ESTIMATED).withdrawn("too few\nrecords");
        for (Side side : Side.values()) {
            ThresholdOutcome outcome = outcome(side, .8, withdrawn);
            assertThat(outcome.met()).isNull();
            assertThat(outcome.isWithdrawn()).isTrue();
            assertThat(outcome.isMissed()).isFalse();
            assertThat(outcome.reason()).isEqualTo("too few records");
        }
    }

    @Test
    void whatHasNoIntervalShowsNothingUnlessItIsCounted() {
        Finding bare = finding("recall", Double.NaN, .8, Double.NaN, Grade.ESTIMATED);
        assertThat(outcome(Side.UNDER, .1, bare).met()).isNull();
        assertThat(outcome(Side.OVER, .9, bare).reason()).contains("has no interval");
        Finding none = finding("recall", Double.NaN, Double.NaN, Double.NaN, Grade.EXACT);
        assertThat(outcome(Side.OVER, .9, none).met()).isNull();
        assertThat(outcome(Side.UNDER, 100, finding("ess.mm", Double.NaN, 212, Double.NaN, Grade.ESTIMATED)))
                .satisfies(counted -> assertThat(counted.met()).isTrue())
                .satisfies(counted -> assertThat(counted.reason()).isEqualTo("ess.mm is 212, not under 100"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bayes_fraction", "bayes_fraction.heldout", "bayes_fraction.population"})
    void noLimitOnTheBayesFractionIsKeptByTheOpposite(String id) {
        Finding high = finding(id, .97, .98, .99, Grade.ESTIMATED);
        for (Side side : Side.values()) {
            double easy = side == Side.UNDER ? .1 : 1;
            ThresholdOutcome outcome = new Threshold(id, side, easy).outcome(audit(Verdict.Label.OPPOSITE, high));
            assertThat(outcome.met()).isFalse();
            assertThat(outcome.reason()).contains("'opposite'");
        }
        Finding departure = finding("kl.departure", 0, .01, .02, Grade.ESTIMATED);
        assertThat(new Threshold("kl.departure", Side.OVER, .1)
                        .outcome(audit(Verdict.Label.OPPOSITE, departure))
                        .met())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Verdict.Label.class,
            names = {"OPPOSITE"},
            mode = EnumSource.Mode.EXCLUDE)
    void everyOtherVerdictLeavesItToTheNumber(Verdict.Label label) {
        Finding high = finding("bayes_fraction", .97, .98, .99, Grade.ESTIMATED);
        assertThat(new Threshold("bayes_fraction", Side.UNDER, .8)
                        .outcome(audit(label, high))
                        .met())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"a=0.5, .5", "a=-inf, -Infinity", "a=inf, Infinity", "a= 1e-3 , .001", "a=.5, .5", "a=+2, 2"})
    void readsLimits(String text, double limit) {
        assertThat(Threshold.of(Side.OVER, text)).isEqualTo(new Threshold("a", Side.OVER, limit));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "=1", "a=", "a=NaN", "a=1d", "a=0x1p3", "a=Infinity", "a=much", "a=0,5"})
    void refusesWhatIsNoLimit(String text) {
        assertThatThrownBy(() -> Threshold.of(Side.UNDER, text))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("it is ID=NUMBER, such as bayes_fraction=0.8")
                .hasMessageNotContaining("--");
    }

    @Test
    void anUnknownFigureIsNamedWithTheNearest() {
        Finding high = finding("bayes_fraction", .97, .98, .99, Grade.ESTIMATED);
        StepAudit audit = audit(Verdict.Label.MOSTLY, high);
        assertThatThrownBy(() -> new Threshold("bayes_fractoin", Side.UNDER, .8).outcome(audit))
                .hasMessageContaining("did you mean 'bayes_fraction'?")
                .hasMessageNotContaining("--");
    }

    @ParameterizedTest
    @CsvSource({"0.8, 0.8", "5, 5", "Infinity, inf", "-Infinity, -inf", "1e300, 1.0E300", "-0.25, -0.25"})
    void demandsAreWritten(double limit, String text) {
        assertThat(new ThresholdOutcome("a", limit, Side.UNDER, true, "").demand())
                .isEqualTo("a ≥ " + text);
        assertThat(new ThresholdOutcome("a", limit, Side.OVER, true, "").demand())
                .isEqualTo("a ≤ " + text);
    }

    @Test
    void figuresOfHeldOutPromptsAreNamedWhereThereAreNone() {
        StepAudit audit = audit(Verdict.Label.PARTLY, finding("bayes_fraction", .7, .8, .9, Grade.ESTIMATED));
        assertThatThrownBy(() -> new Threshold("bayes_fraction.heldout", Side.UNDER, .8).outcome(audit))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("it needs held-out prompts: records whose split is heldout");
        assertThatThrownBy(() -> new Threshold("kl.departure.held_out", Side.OVER, .8).outcome(audit))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such figure; did you mean 'kl.departure.heldout'?");
    }

    @Test
    void aFigureOfThePopulationThatTheRecordsDoNotGiveIsWithdrawn() {
        StepAudit audit = audit(Verdict.Label.PARTLY, finding("bayes_fraction", .7, .8, .9, Grade.ESTIMATED));
        ThresholdOutcome outcome = new Threshold("bayes_fraction.population", Side.UNDER, .5).outcome(audit);
        assertThat(outcome.met()).isNull();
        assertThat(outcome.reason()).contains("from eight prompts on");
        assertThatThrownBy(() -> new Threshold("recall.population", Side.UNDER, .5).outcome(audit))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such figure");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kl.policy_prior.rao_blackwell", "kl.policy_prior.variance.ratio"})
    void figuresOfTokensSayWhatTheyNeed(String id) {
        StepAudit audit = audit(Verdict.Label.PARTLY, finding("bayes_fraction", .7, .8, .9, Grade.ESTIMATED));
        assertThatThrownBy(() -> new Threshold(id, Side.OVER, .5).outcome(audit))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("kl_tokens")
                .hasMessageNotContaining("no such figure");
    }

    /** They were "no such figure", while all others of a source that the log has not are withdrawn. */
    @ParameterizedTest
    @ValueSource(strings = {"kl.policy_prior.sampled", "diversity.self_bleu.policy"})
    void figuresOfASourceThatTheLogHasNotAreWithdrawn(String id) {
        StepAudit audit =
                audit(Verdict.Label.PARTLY, finding("diversity.self_bleu.prior", .1, .1, .1, Grade.ESTIMATED));
        ThresholdOutcome outcome = new Threshold(id, Side.OVER, .5).outcome(audit);
        assertThat(outcome.met()).isNull();
        assertThat(outcome.reason()).isEqualTo("needs records drawn from the policy (source: policy)");
        assertThatThrownBy(() -> new Threshold("diversity.other.policy", Side.OVER, .5).outcome(audit))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such figure");
    }
}
