package dev.credence.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Closed forms by hand on two and three texts, and a hunt that finds what ends elsewhere. */
class LimitHuntTest {
    private static final double[] HALF = {Math.log(.5), Math.log(.5)};
    private static final double[] REWARD = {0, 1};

    @Test
    void formulasGiveWhatIsWorkedOutByHand() {
        assertThat(ClosedForm.tilt(HALF, REWARD, Math.log(3))).containsExactly(new double[] {.25, .75}, within(1e-15));
        // β π0/(Λ − r) with β = 1: .5/Λ + .5/(Λ − 1) = 1, Λ = 1 + √½
        double lambda = 1 + Math.sqrt(.5);
        assertThat(ClosedForm.rational(HALF, REWARD, 1))
                .containsExactly(new double[] {.5 / lambda, .5 / (lambda - 1)}, within(1e-13));
        assertThat(ClosedForm.bestOf(HALF, REWARD, 3)).containsExactly(new double[] {.125, .875}, within(1e-15));
        assertThat(ClosedForm.bestShare(HALF, REWARD, .75))
                .containsExactly(new double[] {1 / 3., 2 / 3.}, within(1e-15));
        // s π0/(1 − (1 − s) a/ā) without a second text's acceptance: s π0 = .1 of it
        assertThat(ClosedForm.mixed(HALF, new double[] {0, 1e6}, 1, .2)[0]).isCloseTo(.1, within(1e-12));
        // logit p = 1/(β √(p(1 − p))) at β = 4: λ s = ¼ on the tilt
        double p = ClosedForm.standardised(HALF, REWARD, 4)[1];
        assertThat(Math.log(p / (1 - p))).isCloseTo(1 / (4 * Math.sqrt(p * (1 - p))), within(1e-12));
        // below the least β the best text takes all
        assertThat(ClosedForm.standardised(HALF, REWARD, 1)).containsExactly(new double[] {0, 1}, within(1e-12));
    }

    @Test
    void aLimitThatIsNotTheMethodsIsFound() {
        ClosedForm other = ClosedForm.copies(2);
        LimitHunt hunt = LimitHunt.of(new LimitRow("rloo", other), 0, 1, 6, number -> LimitTable.of(1, number));
        assertThat(hunt.silent()).isPositive();
        assertThat(hunt.accounts()).allMatch(account -> account.contains("distance"));
        assertThat(hunt.reached() + hunt.silent() + hunt.missed() + hunt.refused())
                .isEqualTo(6);
    }

    /** What selects or draws, on tables that are not as one expects; {@code bench limits --edges} has what trains, too. */
    @Test
    void nothingEndsElsewhereAtTheEdgesWithoutAWord() {
        for (LimitRow row : LimitRow.edges()) {
            if (List.of("tilt", "rejection", "poisson", "best-of-n", "quantilizer")
                    .contains(row.method())) {
                LimitHunt hunt = LimitHunt.of(row, 0, 1, 40, number -> LimitTable.edge(3, number));
                assertThat(hunt.accounts()).as(row.setting()).isEmpty();
                assertThat(hunt.reached()).as(row.setting()).isGreaterThan(20);
            }
        }
    }

    @Test
    void tablesAreOfAllSizesAndAsTheirNumberSays() {
        int[] texts = new int[60];
        Arrays.setAll(texts, number -> LimitTable.of(1, number).given("p0").length);
        assertThat(texts).contains(2, 10, 50, 200, 1000);
        assertThat(LimitTable.of(1, 7).words()).isEqualTo(LimitTable.of(1, 7).words());
        assertThat(LimitTable.of(2, 7).words()).isNotEqualTo(LimitTable.of(1, 7).words());
    }
}
