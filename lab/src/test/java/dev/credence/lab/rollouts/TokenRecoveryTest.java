package dev.credence.lab.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.Vocabulary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tokens drawn given their text, against what was drawn and against enumeration. */
class TokenRecoveryTest {
    private static final int END = 0;
    private static final int HORIZON = 6;

    /** An end, a mark, letters, their pairs, and the bytes of é and others. */
    private static final byte[][] BYTES = {
        null,
        {},
        "a".getBytes(StandardCharsets.UTF_8),
        "b".getBytes(StandardCharsets.UTF_8),
        "ab".getBytes(StandardCharsets.UTF_8),
        "ba".getBytes(StandardCharsets.UTF_8),
        "aba".getBytes(StandardCharsets.UTF_8),
        {(byte) 0xC3},
        {(byte) 0xA9},
        {(byte) 0xE2, (byte) 0x82},
        {(byte) 0xFF}
    };

    /** A model whose next-token distribution depends on the last two tokens, in a way that a seed decides. */
    private record Small(long seed) implements PredictiveModel {
        @Override
        public Vocabulary vocabulary() {
            return new Vocabulary(BYTES.length, Set.of(END));
        }

        @Override
        public double[][] nextLogProbs(List<int[]> prefixes) {
            return prefixes.stream().map(this::next).toArray(double[][]::new);
        }

        @Override
        public List<Sample> sample(int[] prompt, int n, Sampling sampling, RandomGenerator random) {
            throw new UnsupportedOperationException("it draws by itself");
        }

        @Override
        public double[][] logProbs(List<Continuation> continuations) {
            return continuations.stream().map(this::terms).toArray(double[][]::new);
        }

        private double[] terms(Continuation continuation) {
            int[] whole = continuation.whole();
            int given = continuation.prompt().length;
            double[] terms = new double[continuation.tokens().length];
            Arrays.setAll(terms, t -> next(Arrays.copyOf(whole, given + t))[whole[given + t]]);
            return terms;
        }

        private double[] next(int[] prefix) {
            int last = prefix[prefix.length - 1];
            int before = prefix.length > 1 ? prefix[prefix.length - 2] : 99;
            SplittableRandom random = new SplittableRandom(seed * 1009 + last * 31L + before);
            double[] logits = random.doubles(BYTES.length, -1.5, 1.5).toArray();
            double total = Arrays.stream(logits).map(Math::exp).sum();
            return Arrays.stream(logits).map(l -> l - Math.log(total)).toArray();
        }

        int[] draw(SplittableRandom random) {
            int[] tokens = {1};
            while (tokens.length <= HORIZON && (tokens.length == 1 || tokens[tokens.length - 1] != END)) {
                double left = random.nextDouble();
                double[] next = next(tokens);
                int token = 0;
                while (token < next.length - 1 && (left -= Math.exp(next[token])) >= 0) {
                    token++;
                }
                tokens = Arrays.copyOf(tokens, tokens.length + 1);
                tokens[tokens.length - 1] = token;
            }
            return Arrays.copyOfRange(tokens, 1, tokens.length);
        }
    }

    private static String text(int[] tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int token : tokens) {
            bytes.writeBytes(token == END ? new byte[0] : BYTES[token]);
        }
        return bytes.toString(StandardCharsets.UTF_8); // as tokenizers read it: U+FFFD for each longest beginning
    }

    private static TokenTable table(Small model) {
        return new TokenTable(new TokenTexts(BYTES), model.vocabulary(), Set.of());
    }

    private static Untold untold(String text) {
        return new Untold(new int[] {1}, new SpelledText(text), HORIZON + 3, null, 0, Double.NaN);
    }

    @Test
    void tokensDrawnGivenTheirTextAreDistributedAsTheyWereDrawn() {
        Small model = new Small(5);
        SplittableRandom random = new SplittableRandom(8);
        List<int[]> drawn = new ArrayList<>();
        List<Untold> texts = new ArrayList<>();
        for (int i = 0; i < 2500; i++) {
            drawn.add(model.draw(random));
            texts.add(untold(text(drawn.get(i))));
        }
        List<TextPaths> paths = new TokenRecovery(model, table(model)).follow(texts, new SplittableRandom(1));
        CutLimit limit = CutLimit.of(paths);
        assertThat(limit.tokens()).isEqualTo(HORIZON);

        Map<String, int[]> counts = new TreeMap<>(); // of each sequence: as drawn, drawn anew
        int others = 0;
        for (int i = 0; i < drawn.size(); i++) {
            TextPaths.Path path = paths.get(i).draw(limit.tokens(), random);
            assertThat(path).isNotNull();
            assertThat(text(path.tokens())).isEqualTo(text(drawn.get(i)));
            assertThat(path.finished()).isEqualTo(path.tokens()[path.tokens().length - 1] == END);
            others += Arrays.equals(path.tokens(), drawn.get(i)) ? 0 : 1;
            counts.computeIfAbsent(Arrays.toString(drawn.get(i)), key -> new int[2])[0]++;
            counts.computeIfAbsent(Arrays.toString(path.tokens()), key -> new int[2])[1]++;
        }
        assertThat(others).isGreaterThan(190); // the text does not tell them
        double chiSquare = 0;
        int degrees = 0;
        for (int[] count : counts.values()) {
            if (count[0] + count[1] >= 10) {
                chiSquare += Math.pow(count[0] - count[1], 2) / (count[0] + count[1]);
                degrees++;
            }
        }
        assertThat(degrees).isGreaterThan(15);
        assertThat(chiSquare).isLessThan(degrees + 5 * Math.sqrt(2.0 * degrees));
    }

    @Test
    void aTextsLogProbabilityIsThatOfAllItsTokenisations() {
        Small model = new Small(2);
        Map<String, Double> exact = new HashMap<>();
        enumerate(model, new int[] {1}, 0, exact);
        SplittableRandom random = new SplittableRandom(4);
        int compared = 0;
        double sum = 0;
        for (int i = 0; i < 60; i++) {
            String text = text(model.draw(random));
            TextPaths paths = new TokenRecovery(model, table(model))
                    .follow(List.of(untold(text)), new SplittableRandom(i))
                    .get(0);
            double known = Math.log(exact.getOrDefault(text, Double.NaN));
            if (!text.contains("\uFFFD")) { // of cut characters some paths stand for others
                assertThat(paths.logProb(HORIZON)).as(text).isCloseTo(known, within(0.3)); // 24 paths for thousands
                sum += paths.logProb(HORIZON) - known;
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(10);
        assertThat(sum / compared).isCloseTo(0, within(0.03));
    }

    private static void enumerate(Small model, int[] tokens, double logProb, Map<String, Double> into) {
        int length = tokens.length - 1;
        if (length == HORIZON || (length > 0 && tokens[length] == END)) {
            into.merge(text(Arrays.copyOfRange(tokens, 1, tokens.length)), Math.exp(logProb), Double::sum);
            return;
        }
        double[] next = model.next(tokens);
        for (int token = 0; token < next.length; token++) {
            int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
            longer[tokens.length] = token;
            enumerate(model, longer, logProb + next[token], into);
        }
    }

    @Test
    void aKnownLogProbabilityPicksTheTokensItBelongsTo() {
        Small model = new Small(5);
        SplittableRandom random = new SplittableRandom(3);
        int same = 0;
        for (int i = 0; i < 200; i++) {
            int[] tokens = model.draw(random);
            double logProb = Arrays.stream(model.logProbs(List.of(new Continuation(new int[] {1}, tokens)))[0])
                    .sum();
            Untold text = new Untold(new int[] {1}, new SpelledText(text(tokens)), HORIZON, null, 0, logProb);
            TextPaths.Path path = new TokenRecovery(model, table(model))
                    .follow(List.of(text), random)
                    .get(0)
                    .draw(HORIZON, random);
            same += path != null && Math.abs(path.logProb() - logProb) < 1e-9 ? 1 : 0;
        }
        assertThat(same).isGreaterThan(100);
    }

    @Test
    void bytesThatMakeNoCharacterAreReadAsOneMarkForEachBeginning() {
        byte[][] pieces = {
            {'a'},
            {(byte) 0xC3},
            {(byte) 0xA9},
            {(byte) 0xE2},
            {(byte) 0x82},
            {(byte) 0xAC},
            {(byte) 0xFF},
            {(byte) 0xF0},
            {(byte) 0x9F},
            {(byte) 0xEF},
            {(byte) 0xBF},
            {(byte) 0xBD}
        };
        SplittableRandom random = new SplittableRandom(6);
        for (int i = 0; i < 20_000; i++) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            random.ints(1 + i % 6, 0, pieces.length).forEach(piece -> bytes.writeBytes(pieces[piece]));
            byte[] whole = bytes.toByteArray();
            SpelledText text = new SpelledText(new String(whole, StandardCharsets.UTF_8));
            long state = text.advance(text.start(), whole);
            assertThat(state).as(Arrays.toString(whole)).isNotEqualTo(SpelledText.DEAD);
            assertThat(text.isWhole(state)).as(Arrays.toString(whole)).isTrue();
            whole[0] ^= 1;
            boolean other = !new String(whole, StandardCharsets.UTF_8)
                    .equals(new String(bytes.toByteArray(), StandardCharsets.UTF_8));
            long changed = text.advance(text.start(), whole);
            assertThat(changed != SpelledText.DEAD && text.isWhole(changed)).isEqualTo(!other);
        }
    }

    @Test
    void aLengthThatManyShareNearTheLongestIsWhereTextsWereCut() {
        IntStream ended = IntStream.range(0, 400).map(i -> 20 + i % 97);
        assertThat(OwnLengths.limit(ended)).isEqualTo(Integer.MAX_VALUE);
        IntStream cut = IntStream.concat(
                IntStream.range(0, 400).map(i -> 20 + i % 97),
                IntStream.range(0, 100).map(i -> i < 4 ? 121 : 120));
        assertThat(OwnLengths.limit(cut)).isEqualTo(120);
        assertThat(OwnLengths.limit(IntStream.empty())).isEqualTo(Integer.MAX_VALUE);
    }
}
