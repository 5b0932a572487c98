package dev.credence.core.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DiversityTest {
    private static final List<String> SHEET = List.of("a b a b", "a b c", "a b a b");

    @Test
    void hasTheDistinctNOfTheSheet() {
        TokenizedTexts texts = TokenizedTexts.of(SHEET);
        DistinctN words = DistinctN.of(texts, 1);
        DistinctN pairs = DistinctN.of(texts, 2);
        Vectors.assertVector(words.share(), "M.distinct", "d1");
        Vectors.assertVector(pairs.share(), "M.distinct", "d2");
        Vectors.assertVector((double) words.total(), "M.distinct", "n1");
        Vectors.assertVector((double) pairs.total(), "M.distinct", "n2");
        assertThat(DistinctN.of(texts, 4)).isEqualTo(new DistinctN(1, 2));
        assertThat(DistinctN.of(TokenizedTexts.of(List.of("a")), 2).share()).isNaN();
        assertThatThrownBy(() -> DistinctN.of(texts, 5)).hasMessage("order is 5; n-grams have 1 to 4 tokens");
        assertThatThrownBy(() -> DistinctN.of(texts, 0)).hasMessageContaining("order is 0");
    }

    @Test
    void hasTheVendiScoresOfTheSheet() {
        Vectors.assertVector(VendiScore.of(identity(4)), "T13.vendi", "I4");
        double[][] ones = new double[4][4];
        Arrays.stream(ones).forEach(row -> Arrays.fill(row, 1));
        Vectors.assertVector(VendiScore.of(ones), "T13.vendi", "ones4");
        double[][] pairs = identity(4);
        pairs[0][1] = pairs[1][0] = pairs[2][3] = pairs[3][2] = 1;
        Vectors.assertVector(VendiScore.of(pairs), "T13.vendi", "pairs");
        Vectors.assertVector(VendiScore.of(new double[][] {{1, 0.5}, {0.5, 1}}), "T13.vendi", "two_s05");
    }

    @Test
    void vendiCountsTextsThatShareNothing() {
        assertThat(vendi("a b c d e", "f g h i j", "k l m n o")).isCloseTo(3, within(1e-9));
        assertThat(vendi("a b c d e", "a b c d e", "f g h i j", "f g h i j")).isCloseTo(2, within(1e-9));
        assertThat(vendi("a", "a", "b b", "", "")).isCloseTo(effective(0.4, 0.2, 0.4), within(1e-9));
        // Unigram counts (2,1) and (1,2): cosine 4/5; bigrams "a a","a b" and "a b","b b": 1/2; nothing longer shared.
        double cosine = (0.8 + 0.5) / 4;
        assertThat(vendi("a a b", "a b b")).isCloseTo(effective((1 + cosine) / 2, (1 - cosine) / 2), within(1e-9));
    }

    private static double effective(double... shares) {
        return Math.exp(Arrays.stream(shares).map(p -> -p * Math.log(p)).sum());
    }

    private static double vendi(String... texts) {
        return VendiScore.of(TokenizedTexts.of(List.of(texts)));
    }

    @Test
    void vendiAgreesWithTheKernelWrittenDownPlainly() {
        for (int seed = 0; seed < 4; seed++) {
            List<List<String>> texts = randomTexts(30 + 20 * seed, seed);
            double[][] kernel = new double[texts.size()][texts.size()];
            for (int i = 0; i < kernel.length; i++) {
                for (int j = 0; j < kernel.length; j++) {
                    for (int order = 1; order <= 4; order++) {
                        kernel[i][j] += cosine(grams(texts.get(i), order), grams(texts.get(j), order)) / 4;
                    }
                }
            }
            assertThat(VendiScore.of(joined(texts))).isCloseTo(VendiScore.of(kernel), within(1e-9));
        }
    }

    private static double cosine(Map<List<String>, Integer> a, Map<List<String>, Integer> b) {
        return product(a, b) / Math.sqrt((double) product(a, a) * product(b, b));
    }

    private static long product(Map<List<String>, Integer> a, Map<List<String>, Integer> b) {
        return a.entrySet().stream()
                .mapToLong(entry -> (long) entry.getValue() * b.getOrDefault(entry.getKey(), 0))
                .sum();
    }

    private static Map<List<String>, Integer> grams(List<String> text, int order) {
        Map<List<String>, Integer> counts = new HashMap<>();
        int length = Math.min(order, text.size()); // of a short text the whole is its only n-gram
        for (int i = 0; i + length <= text.size() && (i == 0 || length > 0); i++) {
            counts.merge(text.subList(i, i + length), 1, Integer::sum);
        }
        return counts;
    }

    @Test
    void vendiRefusesWhatIsNoSimilarity() {
        assertThatThrownBy(() -> VendiScore.of(new double[0][0]))
                .hasMessage("similarity is empty; the score of no items is not defined");
        assertThatThrownBy(() -> VendiScore.of(new double[][] {{1, 0}, {0}}))
                .hasMessage("row 1 of similarity has 1 numbers; the matrix is 2 by 2");
        assertThatThrownBy(() -> VendiScore.of(new double[][] {{1, 0}, {0, Double.NaN}}))
                .hasMessage("similarity of item 1 to itself is NaN; it must be 1");
        assertThatThrownBy(() -> VendiScore.of(new double[][] {{1, 0.25}, {0, 1}}))
                .hasMessage("similarity of items 1 and 0 is 0.0 one way and 0.25 the other; it must be symmetric");
    }

    @Test
    void selfBleuIsOneForCopiesAndZeroForStrangers() {
        assertThat(selfBleu("a b c d e", "a b c d e")).isCloseTo(1, within(1e-12));
        assertThat(selfBleu("yes", "yes", "yes")).isCloseTo(1, within(1e-12));
        assertThat(selfBleu("a b c d", "e f g h")).isZero();
        assertThat(selfBleu("", "")).isEqualTo(1);
        assertThat(selfBleu("", "a")).isZero();
        assertThat(selfBleu("a b")).isNaN();
    }

    @Test
    void selfBleuByHand() {
        // "a b c d e" against "a b c d f": 4/5, 3/4, 2/3, 1/2; equal lengths; the same the other way round.
        assertThat(selfBleu("a b c d e", "a b c d f"))
                .isCloseTo(Math.pow(4 / 5.0 * 3 / 4 * 2 / 3 / 2, 0.25), within(1e-12));
        // "a b" against "a b c": both orders perfect, brevity e^{1−3/2}; back: 2/3, 1/2, and 0.1/1 for the triple.
        double there = Math.exp(1 - 1.5);
        double back = Math.pow(2 / 3.0 * 1 / 2 * 0.1, 1 / 3.0);
        assertThat(selfBleu("a b", "a b c")).isCloseTo((there + back) / 2, within(1e-12));
    }

    @Test
    void selfBleuAgreesWithTheDefinition() {
        for (int seed = 0; seed < 20; seed++) {
            List<List<String>> texts = randomTexts(12, seed);
            double sum = 0;
            for (int t = 0; t < texts.size(); t++) {
                List<List<String>> rest = new ArrayList<>(texts);
                List<String> text = rest.remove(t);
                sum += NaiveBleu.of(text, rest);
            }
            assertThat(SelfBleu.of(joined(texts))).isCloseTo(sum / texts.size(), within(1e-12));
        }
    }

    private static double selfBleu(String... texts) {
        return SelfBleu.of(TokenizedTexts.of(List.of(texts)));
    }

    private static List<List<String>> randomTexts(int count, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<List<String>> texts = new ArrayList<>();
        for (int t = 0; t < count; t++) {
            List<String> words = new ArrayList<>();
            int length = random.nextInt(10);
            for (int i = 0; i < length; i++) {
                words.add("abcd".substring(random.nextInt(4)).substring(0, 1));
            }
            texts.add(words);
        }
        return texts;
    }

    private static TokenizedTexts joined(List<List<String>> texts) {
        return TokenizedTexts.of(
                texts.stream().map(words -> String.join(" ", words)).toList());
    }

    @Test
    void cutsAtWhiteSpaceOrAsTold() {
        assertThat(TokenizedTexts.whitespaceSeparated(" the\tcat  sat.\n")).containsExactly("the", "cat", "sat.");
        assertThat(TokenizedTexts.whitespaceSeparated("")).isEmpty();
        assertThat(TokenizedTexts.whitespaceSeparated("x")).containsExactly("x");
        TokenizedTexts letters = TokenizedTexts.of(List.of("abab", "ab"), text -> List.of(text.split("")));
        assertThat(letters.size()).isEqualTo(2);
        assertThat(letters.length(0)).isEqualTo(4);
        assertThat(DistinctN.of(letters, 2)).isEqualTo(new DistinctN(2, 4));
        assertThatThrownBy(() -> TokenizedTexts.of(List.of()))
                .hasMessage("texts is empty; the diversity of no texts is not defined");
    }

    @Test
    void numbersManyKeys() {
        LongIndex index = new LongIndex(1);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 10_000; i++) {
                assertThat(index.of(((long) i * i) << 20)).isEqualTo(i);
            }
        }
        assertThat(index.size()).isEqualTo(10_000);
    }

    @Test
    void gathersAllMeasures() {
        Diversity diversity = Diversity.of(SHEET);
        TokenizedTexts texts = TokenizedTexts.of(SHEET);
        assertThat(diversity.texts()).isEqualTo(3);
        assertThat(diversity.distinct1()).isEqualTo(3 / 11.0);
        assertThat(diversity.distinct2()).isEqualTo(3 / 8.0);
        assertThat(diversity.selfBleu()).isEqualTo(SelfBleu.of(texts)).isBetween(0.5, 0.99);
        assertThat(diversity.vendi()).isEqualTo(VendiScore.of(texts)).isBetween(1.1, 2.0);
        assertThat(diversity.unseen()).isEqualTo(1 / 3.0);
    }

    @Test
    void estimatesWhatWasNotSeen() {
        assertThat(UnseenMass.of(List.of("a", "b", "a", "c"))).isEqualTo(new UnseenMass(2, 4));
        assertThat(UnseenMass.of(List.of("a", "b", "a", "c")).probability()).isEqualTo(0.5);
        assertThat(UnseenMass.of(List.of()).probability()).isNaN();
    }

    private static double[][] identity(int n) {
        double[][] identity = new double[n][n];
        for (int i = 0; i < n; i++) {
            identity[i][i] = 1;
        }
        return identity;
    }
}
