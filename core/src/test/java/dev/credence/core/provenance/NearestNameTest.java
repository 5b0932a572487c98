package dev.credence.core.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class NearestNameTest {
    private static final List<String> FEW = List.of("log_z", "bayes_fraction", "bayes_fraction.population", "recall");

    @Test
    void theBeginningOfANameIsMeantForTheShortestThatBeginsSo() {
        assertThat(NearestName.of("bayes", FEW)).isEqualTo("bayes_fraction");
        assertThat(NearestName.of("recal", FEW)).isEqualTo("recall");
        assertThat(NearestName.of("b", FEW)).isNull();
        assertThat(NearestName.of("entropy", FEW)).isNull();
    }

    /** Where there are dozens of names, and one is near, the others only hide it. */
    @Test
    void manyNamesAreListedOnlyWhereNoneIsNear() {
        List<String> many =
                IntStream.range(0, 60).mapToObj(i -> "figure." + i + ".of.many").toList();
        assertThat(NearestName.hint("recal", FEW)).startsWith("did you mean 'recall'? known are: log_z, ");
        assertThat(NearestName.hint("figure.3.of.mny", many)).isEqualTo("did you mean 'figure.3.of.many'?");
        assertThat(NearestName.hint("kl", many)).startsWith("known are: figure.0.of.many, ");
    }
}
