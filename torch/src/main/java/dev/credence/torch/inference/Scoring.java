package dev.credence.torch.inference;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Continuation;
import dev.credence.torch.layers.Linear;
import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.Packing;
import dev.credence.torch.layers.SharedRows;
import dev.credence.torch.layers.WholeRows;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Log-probabilities of given tokens and of the next one: whole sequences at once, batched by length. */
public final class Scoring {
    public static final int PIECE_TOKENS =
            3072; // what a piece of work reads at most: its activations stay in the cache

    private static final double FILLED = 0.9; // of what a piece computes, at least

    private static final int PIECE_ROWS = 768; // about as many rows share a product where beginnings are shared

    private final Network network;
    private final Workers workers;

    public Scoring(Network network, Workers workers) {
        this.network = network;
        this.workers = workers;
    }

    /** (n, V) log-probabilities of the token after each prefix. */
    public double[][] next(List<int[]> prefixes) {
        return last(prefixes, Scoring::logSoftmax);
    }

    /** (n, 1) what a head of one number makes of the last token of each prefix. */
    public double[][] heads(List<int[]> prefixes) {
        return last(prefixes, logits -> logits);
    }

    private double[][] last(List<int[]> prefixes, UnaryOperator<Tensor> read) {
        double[][] result = new double[prefixes.size()][];
        List<int[]> pieces = pieces(prefixes);
        workers.map(
                pieces.size(),
                p -> Native.infer(() -> {
                    int[] rows = pieces.get(p);
                    int length = longest(prefixes, rows);
                    Tensor hidden = network.hidden(
                            padded(prefixes, rows, length), new WholeRows(network, rows.length, length, null));
                    int[] last = new int[rows.length];
                    for (int i = 0; i < rows.length; i++) {
                        last[i] = i * length + prefixes.get(rows[i]).length - 1;
                    }
                    double[] flat = Native.toDoubles(
                            read.apply(network.logits(hidden.index_select(0, Native.ids(last, last.length)))));
                    int v = flat.length / rows.length;
                    for (int i = 0; i < rows.length; i++) {
                        result[rows[i]] = Arrays.copyOfRange(flat, i * v, (i + 1) * v);
                    }
                    return rows.length;
                }));
        return result;
    }

    /** (n, tokens) log-probability of each token of each continuation; a prompt that several have is read once. */
    public double[][] tokens(List<Continuation> continuations) {
        int context = network.architecture().context();
        long promptTokens = 0;
        long tokens = 0;
        Map<IntBuffer, List<Integer>> byPrompt = new LinkedHashMap<>();
        for (int i = 0; i < continuations.size(); i++) {
            Continuation continuation = continuations.get(i);
            int read = Math.max(continuation.prompt().length, continuation.whole().length - 1);
            if (read > context) {
                throw new ContextWindowException(read, context);
            }
            promptTokens += continuation.prompt().length;
            tokens += continuation.tokens().length;
            byPrompt.computeIfAbsent(IntBuffer.wrap(continuation.prompt()), prompt -> new ArrayList<>())
                    .add(i);
        }
        double[][] result = new double[continuations.size()][];
        if (promptTokens <= tokens) { // attention lays a prompt beside each of its continuations
            Packing.Order order = Packing.Order.of(continuations);
            if (order.isWorthwhile(continuations)) {
                shared(continuations, order, result);
                return result;
            }
        }
        List<Integer> alone = new ArrayList<>();
        List<List<Integer>> few = new ArrayList<>(); // a prompt's rows, where one thread has soon done with them
        byPrompt.forEach((prompt, rows) -> {
            if (!PromptScoring.isWorthwhile(rows.size(), prompt.limit())) {
                alone.addAll(rows);
            } else if (isFew(continuations, rows)) {
                few.add(rows);
            } else {
                together(continuations, rows, result);
            }
        });
        if (few.size() < workers.count()) {
            few.forEach(rows -> together(continuations, rows, result));
        } else {
            sideBySide(continuations, few, result);
        }
        whole(continuations, alone, result);
        return result;
    }

    /** Continuations of which many begin alike; what they have in common is read once. */
    private void shared(List<Continuation> continuations, Packing.Order order, double[][] result) {
        List<int[]> pieces =
                order.cut(workers.count() * order.piecesEach(workers.count(), PIECE_ROWS * Native.breadth()));
        workers.map(
                pieces.size(),
                p -> Native.infer(() -> {
                    Packing packing = Packing.sharing(continuations, pieces.get(p));
                    Tensor hidden = network.hidden(packing.ids(), new SharedRows(network, packing));
                    packing.scatter(logProbs(hidden, packing), continuations, result);
                    return p;
                }));
    }

    /** (m) of the packing's targets. */
    private double[] logProbs(Tensor hidden, Packing packing) {
        int rows = packing.at().length;
        if (rows == 0) {
            return new double[0];
        }
        int m = packing.targets().length;
        if ((long) rows * network.architecture().vocabulary()
                > Linear.logits()) { // a few rows at a time, each target its own
            int[] each = new int[m];
            Arrays.setAll(each, k -> packing.at()[packing.scored()[k]]);
            return gather(network, hidden, each, packing.targets());
        }
        Tensor logits = network.logits(hidden.index_select(0, Native.ids(packing.at(), rows))); // (r, V)
        double[] total = Native.toDoubles(logits.logsumexp(1));
        Tensor own = Native.ids(packing.placesOf(logits.size(1)), m);
        double[] logProbs = Native.toDoubles(logits.view(-1).index_select(0, own));
        for (int k = 0; k < m; k++) {
            logProbs[k] -= total[packing.scored()[k]];
        }
        return logProbs;
    }

    /** Continuations of many prompts, each prompt with all of its own by one thread. */
    private void sideBySide(List<Continuation> continuations, List<List<Integer>> prompts, double[][] result) {
        workers.map(
                prompts.size(),
                p -> Native.infer(() -> {
                    int[] rows = prompts.get(p).stream().mapToInt(row -> row).toArray();
                    int[] prompt = continuations.get(rows[0]).prompt();
                    try (PromptScoring scoring = new PromptScoring(network, prompt)) {
                        scoring.score(continuations, rows, result);
                    }
                    return p;
                }));
    }

    private static boolean isFew(List<Continuation> continuations, List<Integer> rows) {
        int longest = 0;
        for (int row : rows) {
            longest = Math.max(longest, continuations.get(row).whole().length);
        }
        return (long) longest * rows.size() <= (long) PIECE_TOKENS * Native.breadth();
    }

    private static List<int[]> reads(List<Continuation> continuations, List<Integer> rows) {
        return rows.stream()
                .map(row -> PromptScoring.read(continuations.get(row)))
                .toList();
    }

    /** Continuations of one prompt. */
    private void together(List<Continuation> continuations, List<Integer> rows, double[][] result) {
        List<int[]> read = reads(continuations, rows);
        try (PromptScoring scoring =
                new PromptScoring(network, continuations.get(rows.get(0)).prompt())) {
            List<int[]> pieces = pieces(read);
            workers.map(
                    pieces.size(),
                    p -> Native.infer(() -> {
                        scoring.score(continuations, chosen(rows, pieces.get(p)), result);
                        return p;
                    }));
        }
    }

    /** Continuations that are read with their prompts. */
    private void whole(List<Continuation> continuations, List<Integer> rows, double[][] result) {
        List<int[]> read = new ArrayList<>(); // all but the last token, which is only predicted
        for (int row : rows) {
            int[] whole = continuations.get(row).whole();
            read.add(Arrays.copyOf(whole, Math.max(1, whole.length - 1)));
        }
        List<int[]> pieces = pieces(read);
        if (isRagged(read, pieces)) {
            List<Continuation> own = rows.stream().map(continuations::get).toList();
            double[][] scored = new double[own.size()][];
            shared(own, Packing.Order.of(own), scored);
            for (int i = 0; i < scored.length; i++) {
                result[rows.get(i)] = scored[i];
            }
            return;
        }
        workers.map(
                pieces.size(),
                p -> Native.infer(() -> {
                    List<int[]> own =
                            Arrays.stream(pieces.get(p)).mapToObj(read::get).toList();
                    score(continuations, own, chosen(rows, pieces.get(p)), result);
                    return p;
                }));
    }

    /** Whether much of what padded pieces would compute is padding; rows behind one another then have none. */
    static boolean isRagged(List<int[]> sequences, List<int[]> pieces) {
        long read = sequences.stream().mapToLong(sequence -> sequence.length).sum();
        long padded = pieces.stream()
                .mapToLong(piece -> (long) piece.length * longest(sequences, piece))
                .sum();
        return read < FILLED * padded;
    }

    private static int[] chosen(List<Integer> rows, int[] places) {
        return Arrays.stream(places).map(rows::get).toArray();
    }

    private void score(List<Continuation> continuations, List<int[]> read, int[] rows, double[][] result) {
        int[] all = IntStream.range(0, rows.length).toArray();
        int length = longest(read, all);
        Tensor hidden = network.hidden(padded(read, all, length), new WholeRows(network, rows.length, length, null));
        int scored = 0;
        for (int row : rows) {
            scored += continuations.get(row).tokens().length;
        }
        int[] at = new int[scored];
        int[] target = new int[scored];
        int k = 0;
        for (int i = 0; i < rows.length; i++) {
            Continuation continuation = continuations.get(rows[i]);
            for (int t = 0; t < continuation.tokens().length; t++) {
                at[k] = i * length + continuation.prompt().length + t - 1;
                target[k++] = continuation.tokens()[t];
            }
        }
        double[] flat = scored == 0 ? new double[0] : gather(network, hidden, at, target);
        k = 0;
        for (int row : rows) {
            int own = continuations.get(row).tokens().length;
            result[row] = Arrays.copyOfRange(flat, k, k + own);
            k += own;
        }
    }

    /** Log-probabilities of target tokens after places of the residual stream (k, d). */
    static double[] gather(Network network, Tensor hidden, int[] at, int[] target) {
        return network.logProbs(hidden.index_select(0, Native.ids(at, at.length)), target);
    }

    public static Tensor logSoftmax(Tensor logits) {
        return logits.to(ScalarType.Double).log_softmax(1);
    }

    /** Rows by length, cut so that none of the pieces reads more than its share of tokens, padding included. */
    public List<int[]> pieces(List<int[]> sequences) {
        int context = network.architecture().context();
        for (int[] sequence : sequences) {
            if (sequence.length > context) {
                throw new ContextWindowException(sequence.length, context);
            }
        }
        int[] order = IntStream.range(0, sequences.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> -sequences.get(i).length))
                .mapToInt(Integer::intValue)
                .toArray();
        int share = Math.max(1, -(-order.length / workers.count())); // all threads have something to do
        List<int[]> pieces = new ArrayList<>();
        for (int from = 0; from < order.length; ) {
            int length = sequences.get(order[from]).length;
            int rows = Math.max(1, Math.min(share, PIECE_TOKENS * Native.breadth() / Math.max(1, length)));
            int to = Math.min(order.length, from + rows);
            pieces.add(Arrays.copyOfRange(order, from, to));
            from = to;
        }
        return pieces;
    }

    public static int longest(List<int[]> sequences, int[] rows) {
        int longest = 1;
        for (int row : rows) {
            longest = Math.max(longest, sequences.get(row).length);
        }
        return longest;
    }

    /** (rows, length) ids, padded on the right by token 0, which nothing reads. */
    public static int[] padded(List<int[]> sequences, int[] rows, int length) {
        int[] flat = new int[rows.length * length];
        for (int i = 0; i < rows.length; i++) {
            int[] sequence = sequences.get(rows[i]);
            System.arraycopy(sequence, 0, flat, i * length, sequence.length);
        }
        return flat;
    }
}
