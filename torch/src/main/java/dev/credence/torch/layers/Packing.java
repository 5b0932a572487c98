package dev.credence.torch.layers;

import dev.credence.core.model.Continuation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tokens of several sequences one after the other, without padding. What acts on each token alone runs over all N of
 * them; attention runs over groups of sequences of about the same length, which stand side by side, so that no sequence sees
 * another. Sequences that begin alike may share the rows of what they have in common: such a row is computed once, and what
 * attention sends back to it is added up over all that share it.
 *
 * @param sequences (n) which ones of the batch
 * @param ids (N) tokens read: all but the last of each sequence, which is only predicted
 * @param positions (N) how many tokens stand before each
 * @param runs sequences of about equal length
 * @param at (r) rows whose next token is scored
 * @param scored (m) place in {@code at} of what predicts each target
 * @param targets (m) tokens to score, sequence by sequence
 */
@SuppressWarnings("ArrayRecordComponent")
public record Packing(
        int[] sequences, int[] ids, int[] positions, List<Run> runs, int[] at, int[] scored, int[] targets) {
    private static final double FILLED = 0.75; // of a run's longest sequence, at least
    private static final double SHARED = 0.9; // share of rows that must be left where beginnings are shared

    /**
     * Sequences side by side.
     *
     * @param from first row of the first one, where they are rows that follow each other
     * @param sequences how many
     * @param tokens places of each
     * @param shared which rows stand at the places; none: those from the first on
     */
    public record Run(int from, int sequences, int tokens, Places shared) {
        public int rows() {
            return sequences * tokens;
        }

        public boolean isShared() {
            return shared.rows.length > 0;
        }
    }

    /**
     * Rows at places.
     *
     * @param rows (places) row of each; any row behind a sequence's end, where nothing sees it
     * @param own (o) places from which a row takes what attention gives it: one for each row of the packing, over all runs
     * @param ownRows (o) those rows
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Places(int[] rows, int[] own, int[] ownRows) {
        private static final Places NONE = new Places(new int[0], new int[0], new int[0]);
    }

    public static int rows(Continuation continuation) {
        return Math.max(1, continuation.prompt().length + continuation.tokens().length - 1);
    }

    private static int[] read(Continuation continuation) {
        return Arrays.copyOf(continuation.whole(), rows(continuation));
    }

    /** Packs sequences of a batch in the order given, each with rows of its own: equal lengths must be neighbours. */
    public static Packing of(List<Continuation> batch, int[] sequences) {
        Builder builder = new Builder(batch, sequences);
        List<Run> runs = new ArrayList<>();
        for (int sequence : sequences) {
            int length = rows(batch.get(sequence));
            int row = builder.count;
            builder.add(sequence, read(batch.get(sequence)), new int[0], 0);
            int last = runs.size() - 1;
            if (last >= 0 && runs.get(last).tokens == length) {
                Run run = runs.get(last);
                runs.set(last, new Run(run.from, run.sequences + 1, length, Places.NONE));
            } else {
                runs.add(new Run(row, 1, length, Places.NONE));
            }
        }
        return builder.build(runs);
    }

    /**
     * An order in which what begins alike stands together, and how many rows each sequence adds to those before it.
     *
     * @param order (n) sequences
     * @param fresh (n) rows of each that none before it has
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Order(int[] order, int[] fresh) {
        /** Of a whole batch. */
        public static Order of(List<Continuation> batch) {
            int[][] read = batch.stream().map(Packing::read).toArray(int[][]::new);
            int[] order = IntStream.range(0, read.length)
                    .boxed()
                    .sorted(Comparator.comparing((Integer i) -> read[i], Arrays::compare))
                    .mapToInt(Integer::intValue)
                    .toArray();
            int[] fresh = new int[order.length];
            for (int i = 0; i < order.length; i++) {
                fresh[i] = read[order[i]].length - (i == 0 ? 0 : common(read[order[i - 1]], read[order[i]]));
            }
            return new Order(order, fresh);
        }

        /** Whether sharing leaves out enough rows to pay for what it takes. */
        public boolean isWorthwhile(List<Continuation> batch) {
            long all = batch.stream().mapToLong(Packing::rows).sum();
            return rows() <= SHARED * all;
        }

        /** Rows in all, each beginning's once. */
        public long rows() {
            return Arrays.stream(fresh).asLongStream().sum();
        }

        /** Pieces for each of so many lanes, of about so many rows. */
        public int piecesEach(int lanes, int rows) {
            return (int) Math.max(1, Math.round((double) rows() / lanes / rows));
        }

        /** So many pieces at most, of neighbours, about equal in rows. */
        public List<int[]> cut(int pieces) {
            List<int[]> cut = new ArrayList<>();
            long all = rows();
            long filled = 0;
            int from = 0;
            for (int i = 0; i < order.length; i++) {
                filled += fresh[i];
                boolean isLast = i + 1 == order.length;
                int next = cut.size() + 1;
                if (isLast || (next < pieces && (filled + fresh[i + 1] / 2) * pieces >= next * all)) {
                    cut.add(Arrays.copyOfRange(order, from, i + 1));
                    from = i + 1;
                }
            }
            return cut;
        }
    }

    /** Packs sequences whose neighbours in the order given begin alike; each beginning has its rows once. */
    public static Packing sharing(List<Continuation> batch, int[] sequences) {
        Builder builder = new Builder(batch, sequences);
        int[][] read = new int[sequences.length][];
        int[][] rows = new int[sequences.length][];
        for (int i = 0; i < sequences.length; i++) {
            read[i] = read(batch.get(sequences[i]));
            int common = i == 0 ? 0 : common(read[i - 1], read[i]);
            rows[i] = builder.add(sequences[i], read[i], i == 0 ? new int[0] : rows[i - 1], common);
        }
        int[] longestFirst = IntStream.range(0, sequences.length)
                .filter(i -> i + 1 == sequences.length || common(read[i], read[i + 1]) < read[i].length)
                .boxed()
                .sorted(Comparator.comparingInt(i -> -rows[i].length))
                .mapToInt(Integer::intValue)
                .toArray();
        boolean[] taken = new boolean[builder.count];
        List<Run> runs = new ArrayList<>();
        for (int from = 0; from < longestFirst.length; ) {
            int longest = rows[longestFirst[from]].length;
            int to = from + 1;
            while (to < longestFirst.length && rows[longestFirst[to]].length >= FILLED * longest) {
                to++;
            }
            int[][] own =
                    Arrays.stream(longestFirst, from, to).mapToObj(i -> rows[i]).toArray(int[][]::new);
            runs.add(run(own, longest, taken));
            from = to;
        }
        return builder.build(runs);
    }

    private static Run run(int[][] sequences, int tokens, boolean[] taken) {
        int[] rows = new int[sequences.length * tokens];
        int[] own = new int[rows.length];
        int[] ownRows = new int[rows.length];
        int count = 0;
        for (int i = 0; i < sequences.length; i++) {
            System.arraycopy(sequences[i], 0, rows, i * tokens, sequences[i].length);
            Arrays.fill(rows, i * tokens + sequences[i].length, (i + 1) * tokens, sequences[i][0]);
            for (int t = 0; t < sequences[i].length; t++) {
                if (!taken[sequences[i][t]]) {
                    taken[sequences[i][t]] = true;
                    own[count] = i * tokens + t;
                    ownRows[count++] = sequences[i][t];
                }
            }
        }
        return new Run(
                0,
                sequences.length,
                tokens,
                new Places(rows, Arrays.copyOf(own, count), Arrays.copyOf(ownRows, count)));
    }

    private static int common(int[] a, int[] b) {
        int at = Arrays.mismatch(a, b);
        return at < 0 ? a.length : at;
    }

    /** Rows and targets of sequences, one after the other. */
    private static final class Builder {
        private final List<Continuation> batch;
        private final int[] sequences;
        private final int[] ids;
        private final int[] positions;
        private final int[] predicts; // (rows) place in at, and one; 0: none
        private final int[] at;
        private final int[] scored;
        private final int[] targets;
        private int count;
        private int places;
        private int m;

        Builder(List<Continuation> batch, int[] sequences) {
            this.batch = batch;
            this.sequences = sequences;
            int most = 0;
            int tokens = 0;
            for (int sequence : sequences) {
                most += rows(batch.get(sequence));
                tokens += batch.get(sequence).tokens().length;
            }
            this.ids = new int[most];
            this.positions = new int[most];
            this.predicts = new int[most];
            this.at = new int[tokens];
            this.scored = new int[tokens];
            this.targets = new int[tokens];
        }

        /** The rows of what a sequence reads, of which the first are another one's. */
        int[] add(int sequence, int[] read, int[] before, int common) {
            int[] rows = Arrays.copyOf(before, read.length);
            for (int t = common; t < read.length; t++) {
                ids[count] = read[t];
                positions[count] = t;
                rows[t] = count++;
            }
            Continuation continuation = batch.get(sequence);
            for (int t = 0; t < continuation.tokens().length; t++) {
                int row = rows[continuation.prompt().length + t - 1];
                if (predicts[row] == 0) {
                    at[places++] = row;
                    predicts[row] = places;
                }
                scored[m] = predicts[row] - 1;
                targets[m++] = continuation.tokens()[t];
            }
            return rows;
        }

        Packing build(List<Run> runs) {
            return new Packing(
                    sequences,
                    Arrays.copyOf(ids, count),
                    Arrays.copyOf(positions, count),
                    runs,
                    Arrays.copyOf(at, places),
                    scored,
                    targets);
        }
    }

    /** Cuts (m) values into one array for each sequence, and puts them where the batch has it. */
    public void scatter(double[] values, List<Continuation> batch, double[][] into) {
        int k = 0;
        for (int sequence : sequences) {
            int own = batch.get(sequence).tokens().length;
            into[sequence] = Arrays.copyOfRange(values, k, k + own);
            k += own;
        }
    }

    /** The opposite: (m) values from one array for each sequence of the batch. */
    public double[] gather(double[][] of) {
        double[] values = new double[targets.length];
        int k = 0;
        for (int sequence : sequences) {
            System.arraycopy(of[sequence], 0, values, k, of[sequence].length);
            k += of[sequence].length;
        }
        return values;
    }

    /** (m) where each target stands in logits (r, V), row by row; V = 1: scores, which have no tokens. */
    public int[] placesOf(long v) {
        int[] places = new int[targets.length];
        for (int k = 0; k < places.length; k++) {
            places[k] = Math.toIntExact(scored[k] * v + (v == 1 ? 0 : targets[k]));
        }
        return places;
    }

    /** Whether every row is scored, in order. */
    public boolean scoresAll() {
        for (int i = 0; i < at.length; i++) {
            if (at[i] != i) {
                return false;
            }
        }
        return at.length == ids.length;
    }

    /** Whether each target has a row of its own to predict it. */
    public boolean isOneByOne() {
        return at.length == targets.length;
    }
}
