package dev.credence.lab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.lab.runs.Listener;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeptRecordTest {
    private record Inner(double value, boolean holds, int count) {}

    private record Outer(
            String name,
            @Nullable Inner none,
            Inner some,
            List<List<Inner>> lists,
            Map<String, Double> figures,
            Map<String, Inner> records) {}

    private record Array(double[] values) {}

    private record Unkept(Object anything) {}

    private static final Outer WHOLE = new Outer(
            "d(α − βd)",
            null,
            new Inner(0.1 + 0.2, true, -7),
            List.of(List.of(), List.of(new Inner(Double.NaN, false, 0), new Inner(Double.NEGATIVE_INFINITY, true, 1))),
            Map.of("a.b", 1e-300),
            Map.of("", new Inner(-0.0, false, Integer.MAX_VALUE)));

    @Test
    void whatIsKeptIsReadToTheLastBit() {
        double[] numbers = KeptRecord.numbers(Outer.class, WHOLE);
        assertThat(KeptRecord.of(Outer.class, numbers)).isEqualTo(WHOLE);
        double[] values = {1, Double.MIN_VALUE};
        assertThat(KeptRecord.of(Array.class, KeptRecord.numbers(Array.class, new Array(values))).values)
                .containsExactly(values);
    }

    @Test
    void aKeptPartIsNotDoneAgain() {
        Map<String, double[]> parts = new HashMap<>();
        Listener keeping = new Listener() {
            @Override
            public void accept(String line) {}

            @Override
            public double[] part(String name, Supplier<double[]> work) {
                return parts.computeIfAbsent(name, none -> work.get());
            }
        };
        assertThat(KeptRecord.part(keeping, "one", Outer.class, () -> WHOLE)).isEqualTo(WHOLE);
        assertThat(KeptRecord.part(keeping, "one", Outer.class, () -> {
                    throw new AssertionError("it is there");
                }))
                .isEqualTo(WHOLE);
    }

    @Test
    void numbersOfAnotherRecordAreRefused() {
        double[] numbers = KeptRecord.numbers(Outer.class, WHOLE);
        assertThatThrownBy(() -> KeptRecord.of(Inner.class, numbers)).hasMessageContaining("are no Inner");
        assertThatThrownBy(() -> KeptRecord.of(Inner.class, new double[] {1, 2}))
                .hasMessageContaining("there are only 2 numbers");
        assertThatThrownBy(() -> KeptRecord.numbers(Unkept.class, new Unkept(new Object())))
                .hasMessageContaining("it cannot be kept");
    }
}
