package dev.credence.bench.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.Verdict.Label;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("No label of the adversarial suite is wrong")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerdictStudyTest {
    private static final int KINDS = VerdictKind.values().length;

    private final VerdictStudy study = VerdictStudy.run(6 * KINDS, 7, () -> {});

    @Test
    void noLabelIsWrong() {
        assertThat(study.wrong()).isEmpty();
    }

    @Test
    void whatCanBeToldIsTold() {
        assertThat(labels(VerdictKind.NO_GAIN)).containsOnly(Label.NOT);
        assertThat(labels(VerdictKind.WRONG_SIGN)).contains(Label.OPPOSITE);
        assertThat(labels(VerdictKind.STRONG)).doesNotContain(Label.NOT, Label.CANNOT_TELL, Label.PARTLY);
        assertThat(labels(VerdictKind.SWAPPED)).containsOnly(Label.CANNOT_TELL);
        assertThat(labels(VerdictKind.MEANS)).containsOnly(Label.CANNOT_TELL);
        assertThat(labels(VerdictKind.BASELINE)).containsOnly(Label.CANNOT_TELL);
    }

    private List<Label> labels(VerdictKind kind) {
        List<Label> labels =
                study.of(kind).stream().map(VerdictStudy.Sample::label).toList();
        assertThat(labels).hasSize(6);
        return labels;
    }

    @Test
    void seedDecides() {
        assertThat(VerdictStudy.run(10, 7, () -> {}).samples())
                .isEqualTo(study.samples().subList(0, 10));
    }

    /** The exact Bayes fraction, departure and copies; the label; the fraction's interval; whether it is wrong. */
    @ParameterizedTest
    @CsvSource({
        "1, 0, 2, CONDITIONAL, .97, 1, false",
        ".6, .3, 2, CONDITIONAL, .97, 1, true", // two levels too much
        ".93, .05, 2, CONDITIONAL, .96, 1, false", // the threshold's edge
        ".85, .05, 2, CONDITIONAL, .96, 1, true",
        ".85, .05, 2, CONDITIONAL, .84, 1, false", // the interval holds it
        ".97, .3, 2, CONDITIONAL, .96, 1, true", // so far from it in nats
        ".7, .3, 2, MOSTLY, .85, .95, true",
        ".78, .3, 2, MOSTLY, .85, .95, false",
        "1, 0, 2, MOSTLY, .85, .95, false", // less than is true
        ".1, 1, 2, PARTLY, .4, .6, true",
        ".4, 1, 2, NOT, .1, .2, true",
        ".32, 1, 2, NOT, .1, .2, false",
        ".9, .1, 2, NOT, .1, .95, true",
        ".9, .1, -2, MOSTLY, .85, .95, true", // the wrong sign
        ".9, .1, -2, OPPOSITE, .85, .95, false",
        ".9, .1, 2, OPPOSITE, .85, .95, true",
        ".1, .1, 2, CANNOT_TELL, .85, .95, false"
    })
    void aLabelIsHeldAgainstTheTruth(
            double fraction, double departure, double copies, Label label, double lower, double upper, boolean wrong) {
        Truth truth = new Truth(1, fraction, departure, copies);
        Finding ofFraction = finding(lower, upper);
        Finding ofDeparture = finding(0, departure + 0.2 * (departure > 0.2 ? -1 : 1));

        assertThat(truth.contradicts(label, ofFraction, ofDeparture)).isEqualTo(wrong);
    }

    private static Finding finding(double lower, double upper) {
        return new Finding("x", "?", lower, lower, upper, Grade.ESTIMATED, "share", null, null);
    }

    @Test
    void nothingIsSaidOfAPolicyThatDidNotMove() {
        Truth truth = new Truth(1e-12, 0.5, 0, 0.1);

        assertThat(truth.contradicts(Label.NOT, finding(0, 1), finding(0, 1))).isTrue();
        assertThat(truth.contradicts(Label.CANNOT_TELL, finding(0, 1), finding(0, 1)))
                .isFalse();
    }

    @Test
    void lessThanIsTrueIsModest() {
        Truth truth = new Truth(1, 1, 0, 2);

        assertThat(truth.exceeds(Label.MOSTLY)).isTrue();
        assertThat(truth.exceeds(Label.CONDITIONAL)).isFalse();
        assertThat(truth.exceeds(Label.CANNOT_TELL)).isFalse();
    }
}
