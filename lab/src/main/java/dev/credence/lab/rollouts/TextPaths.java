package dev.credence.lab.rollouts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The token sequences that one text can have been drawn as, with their weights under the model that drew it. They are followed
 * in the order of how much of the text they spell, so that those in hand can be compared; where they are too many, some are
 * drawn to stand for the others, with weights that are right in the mean (Fearnhead and Clifford 2003).
 */
final class TextPaths {
    private static final int WIDTH = 24; // paths that are followed from one place of the text
    private static final double FAR_BEHIND = 7; // nats behind one that has spelled more: not followed

    private final Untold text;
    private final TokenTable table;
    private final TreeMap<Long, List<Path>> open = new TreeMap<>(); // by progress
    private final List<Path> whole = new ArrayList<>();

    /** A beginning of the text as tokens: its own log-probability, and its weight, which may stand for others. */
    @SuppressWarnings("ArrayRecordComponent")
    record Path(int[] tokens, long state, double logProb, double logWeight, boolean finished) {}

    TextPaths(Untold text, TokenTable table) {
        this.text = text;
        this.table = table;
        add(new Path(new int[0], text.spelling().start(), 0, 0, false));
    }

    private void add(Path path) {
        open.computeIfAbsent(SpelledText.progress(path.state), key -> new ArrayList<>())
                .add(path);
    }

    boolean isDone() {
        return open.isEmpty();
    }

    /** Takes the paths that have spelled least, to be gone on with; they are as many as are worth it. */
    List<Path> next(RandomGenerator random) {
        List<Path> least = open.pollFirstEntry().getValue();
        double ahead = open.values().stream()
                .flatMap(List::stream)
                .mapToDouble(Path::logWeight)
                .max()
                .orElse(Double.NEGATIVE_INFINITY);
        double bound = Math.max(
                        ahead, least.stream().mapToDouble(Path::logWeight).max().orElse(ahead))
                - FAR_BEHIND;
        List<Path> near = least.stream().filter(path -> path.logWeight >= bound).toList();
        return near.size() <= WIDTH ? near : thinned(near, random);
    }

    /**
     * Goes on with a path.
     *
     * @param path one of {@link #next}
     * @param logProbs (V) log-probabilities of the token behind it
     */
    void extend(Path path, double[] logProbs) {
        int length = path.tokens.length;
        if (text.spelling().isWhole(path.state)) {
            for (int end : table.ends()) {
                whole.add(extended(path, end, path.state, logProbs[end], true));
            }
            whole.add(path);
        }
        if (length >= text.most()) {
            return;
        }
        for (int token : table.following(text.spelling().onlyNext(path.state))) {
            long state = text.spelling().advance(path.state, table.bytes(token));
            if (state != SpelledText.DEAD) {
                add(extended(path, token, state, logProbs[token], false));
            }
        }
        for (int token : table.silent()) {
            add(extended(path, token, path.state, logProbs[token], false));
        }
    }

    private static Path extended(Path path, int token, long state, double logProb, boolean finished) {
        int[] tokens = Arrays.copyOf(path.tokens, path.tokens.length + 1);
        tokens[path.tokens.length] = token;
        return new Path(tokens, state, path.logProb + logProb, path.logWeight + logProb, finished);
    }

    /** The whole paths where texts are cut at a limit; of those that a known log-probability speaks for, if any. */
    private List<Path> possible(int limit) {
        List<Path> possible = whole.stream()
                .filter(path -> path.finished
                        ? text.mayEnd(path.tokens.length - 1, limit)
                        : text.mayBeCut(path.tokens.length, limit))
                .toList();
        List<Path> known = possible.stream()
                .filter(path -> text.fits(path.tokens.length, path.logProb))
                .toList();
        return known.isEmpty() ? possible : known;
    }

    /** The lengths at which the text could have been cut. */
    Set<Integer> lengths() {
        return whole.stream()
                .filter(path -> !path.finished)
                .map(path -> path.tokens.length)
                .collect(Collectors.toSet());
    }

    /** The text's log-probability where texts are cut at a limit: of all tokens that spell it. */
    double logProb(int limit) {
        List<Path> possible = possible(limit);
        double largest = possible.stream().mapToDouble(Path::logWeight).max().orElse(Double.NEGATIVE_INFINITY);
        return largest == Double.NEGATIVE_INFINITY
                ? largest
                : largest
                        + Math.log(possible.stream()
                                .mapToDouble(path -> Math.exp(path.logWeight - largest))
                                .sum());
    }

    /** Draws a whole path in proportion to the weights; null where no tokens of the model spell the text. */
    @Nullable
    Path draw(int limit, RandomGenerator random) {
        List<Path> among = possible(limit);
        double total = logProb(limit);
        double left = random.nextDouble();
        for (Path path : among) {
            left -= Math.exp(path.logWeight - total);
            if (left < 0) {
                return path;
            }
        }
        return among.isEmpty() ? null : among.get(among.size() - 1);
    }

    /** Keeps the heavy ones, and of the others some, each with the weight c at which {@link #WIDTH} are left. */
    private static List<Path> thinned(List<Path> paths, RandomGenerator random) {
        List<Path> sorted = paths.stream()
                .sorted(Comparator.comparingDouble(Path::logWeight).reversed())
                .toList();
        double largest = sorted.get(0).logWeight;
        double[] weights = sorted.stream()
                .mapToDouble(path -> Math.exp(path.logWeight - largest))
                .toArray();
        double rest = Arrays.stream(weights).sum();
        int heavy = 0;
        while (heavy < WIDTH && weights[heavy] * (WIDTH - heavy) >= rest) {
            rest -= weights[heavy];
            heavy++;
        }
        List<Path> kept = new ArrayList<>(sorted.subList(0, heavy));
        double step = rest / Math.max(1, WIDTH - heavy);
        double at = step * random.nextDouble(); // systematic: one number for all
        for (int i = heavy; i < weights.length && step > 0; i++) {
            at -= weights[i];
            if (at < 0) {
                Path path = sorted.get(i);
                kept.add(new Path(path.tokens, path.state, path.logProb, largest + Math.log(step), false));
                at += step;
            }
        }
        return kept;
    }
}
