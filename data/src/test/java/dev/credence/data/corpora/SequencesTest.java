package dev.credence.data.corpora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.model.Continuation;
import dev.credence.data.corpora.Sequences.Overlong;
import dev.credence.data.corpora.Sequences.Rules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequencesTest {
    /** A letter is its place in the alphabet; the end is 0. */
    private static int[] ids(String text) {
        return text.chars().map(c -> c - 'a' + 1).toArray();
    }

    private static Sequences of(List<String> documents, int length, Overlong longOnes, double validation, long seed) {
        Rules rules = new Rules(0, length, longOnes, validation);
        return Sequences.of(new Corpus(documents, List.of()), SequencesTest::ids, rules, seed);
    }

    private static List<String> shown(List<Continuation> sequences) {
        return sequences.stream()
                .map(each -> java.util.Arrays.toString(each.prompt()) + java.util.Arrays.toString(each.tokens()))
                .toList();
    }

    @Test
    void documentsStandBetweenEnds() {
        Sequences sequences = of(List.of("ab", "c"), 10, Overlong.SPLIT, 0, 1);
        assertThat(shown(sequences.train())).containsExactly("[0][1, 2, 0]", "[0][3, 0]");
        assertThat(sequences.validation()).isEmpty();
        assertThat(Sequences.tokens(sequences.train())).isEqualTo(5);
    }

    @Test
    void longDocumentsAreCutOrGoOn() {
        assertThat(shown(of(List.of("abcde"), 4, Overlong.CUT, 0, 1).train())).containsExactly("[0][1, 2, 3]");
        assertThat(shown(of(List.of("abcde"), 4, Overlong.SPLIT, 0, 1).train()))
                .containsExactly("[0][1, 2, 3]", "[3][4, 5, 0]");
        assertThat(shown(of(List.of("abcdef"), 4, Overlong.SPLIT, 0, 1).train()))
                .containsExactly("[0][1, 2, 3]", "[3][4, 5, 6]", "[6][0]");
    }

    /** Whatever the lengths, splitting scores every token of every document once, in order. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void splittingLosesNothing(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> documents = new ArrayList<>();
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            String text = "abcdefghijklmnopqrstuvwxyz".substring(0, random.nextInt(27));
            documents.add(text);
            all.append(text).append('`'); // the end's letter
        }
        StringBuilder scored = new StringBuilder();
        int length = 2 + random.nextInt(9);
        for (Continuation each : of(documents, length, Overlong.SPLIT, 0, seed).train()) {
            assertThat(each.prompt().length + each.tokens().length).isBetween(2, length);
            for (int id : each.tokens()) {
                scored.append((char) ('a' + id - 1));
            }
        }
        assertThat(scored).hasToString(all.toString());
    }

    @Test
    void wholeDocumentsAreHeldOutBySeed() {
        List<String> documents = IntStream.range(0, 40)
                .mapToObj(i -> "abcdefgh".substring(i % 8) + (char) ('a' + i % 26) + (char) ('a' + i / 26))
                .toList();
        Sequences one = of(documents, 4, Overlong.SPLIT, 0.25, 7);
        Sequences same = of(documents, 4, Overlong.SPLIT, 0.25, 7);
        Sequences other = of(documents, 4, Overlong.SPLIT, 0.25, 8);
        assertThat(shown(one.validation())).isEqualTo(shown(same.validation())).isNotEqualTo(shown(other.validation()));
        long begun =
                one.validation().stream().filter(each -> each.prompt()[0] == 0).count();
        assertThat(begun).as("documents held out").isEqualTo(10);
        long total = Sequences.tokens(one.train()) + Sequences.tokens(one.validation());
        assertThat(total)
                .isEqualTo(
                        Sequences.tokens(of(documents, 4, Overlong.SPLIT, 0, 7).train()));
    }

    @Test
    void rulesAreChecked() {
        assertThatThrownBy(() -> new Rules(0, 1, Overlong.CUT, 0)).hasMessage("length is 1; it must be 2 or more");
        assertThatThrownBy(() -> new Rules(0, 2, Overlong.CUT, Double.NaN))
                .hasMessage("validation is NaN; it must be in [0, 1)");
    }

    @Test
    void everyEpochReadsEverySequenceOnceInAnotherOrder() {
        BatchOrder order = new BatchOrder(3, 12, 5);
        List<Integer> read = new ArrayList<>();
        for (long step = 0; step < 12; step++) {
            IntStream.of(order.at(step)).forEach(read::add);
        }
        Set<List<Integer>> orders = new HashSet<>();
        for (int epoch = 0; epoch < 5; epoch++) {
            List<Integer> own = read.subList(12 * epoch, 12 * (epoch + 1));
            assertThat(new HashSet<>(own)).hasSize(12);
            orders.add(List.copyOf(own));
        }
        assertThat(orders).as("different shuffles").hasSize(5);
    }

    @Test
    void aBatchIsAFunctionOfSeedAndStepAlone() {
        BatchOrder forwards = new BatchOrder(3, 12, 5);
        int[] seventh = forwards.at(7);
        forwards.at(100);
        assertThat(forwards.at(7)).isEqualTo(seventh);
        assertThat(new BatchOrder(3, 12, 5).at(7)).isEqualTo(seventh);
        assertThat(new BatchOrder(4, 12, 5).at(7)).isNotEqualTo(seventh);
        assertThatThrownBy(() -> new BatchOrder(1, 0, 5)).hasMessage("size is 0 and batch 5; both must be 1 or more");
    }
}
