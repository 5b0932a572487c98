package dev.credence.torch.inference;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.TokenDraw;
import dev.credence.core.model.Vocabulary;
import dev.credence.torch.layers.KeyValueCache;
import dev.credence.torch.layers.Network;
import dev.credence.torch.layers.WholeRows;
import dev.credence.torch.tensors.FreeMemory;
import dev.credence.torch.tensors.Native;
import dev.credence.torch.tensors.Workers;
import dev.credence.torch.weights.MemoryNeed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Draws completions: the prompts' keys and values are computed once and copied to pieces of at most so many samples, of one
 * prompt or several, each drawn to its end by one thread. Samples that are the same so far share a row of their piece;
 * finished ones leave it.
 */
public final class Generation {
    private static final int PIECE = 32; // samples that share a matrix product
    private static final double LEAVE = 0.125; // share of finished rows at which the others close up

    private final Network network;
    private final Vocabulary vocabulary;
    private final Workers workers;
    private final Sampling sampling;

    public Generation(Network network, Vocabulary vocabulary, Workers workers, Sampling sampling) {
        this.network = network;
        this.vocabulary = vocabulary;
        this.workers = workers;
        this.sampling = sampling;
    }

    /** (prompts, n) samples from the given one on; each depends on its prompt's seed and its own number alone. */
    public List<List<Sample>> sample(List<int[]> prompts, int from, int n, long[] seeds) {
        for (int[] prompt : prompts) {
            long read = prompt.length + (long) sampling.maxNewTokens() - 1; // the last token is drawn, not read
            if (read > network.architecture().context()) {
                throw new ContextWindowException(
                        read + 1, network.architecture().context());
            }
        }
        int all = Math.multiplyExact(prompts.size(), n);
        int most = piece(prompts);
        int piece =
                network.sharesProducts() && all <= most ? all : Math.max(1, Math.min(most, -(-all / workers.count())));
        int pieces = (all + piece - 1) / piece;
        try (ReadPrompts read = new ReadPrompts(network, workers, prompts);
                FewRows stepped = new FewRows(network, (long) pieces * (sampling.maxNewTokens() - 1))) {
            IntFunction<List<Sample>> draw = p -> Native.infer(() -> {
                List<Owner> owners = new ArrayList<>();
                for (int i = p * piece; i < Math.min(all, (p + 1) * piece); i++) {
                    owners.add(new Owner(i / n, from + i % n, prompts.get(i / n), seeds[i / n]));
                }
                try (Piece work = new Piece(owners, read, stepped.network())) {
                    return work.draw();
                }
            });
            List<List<Sample>> drawn = network.sharesProducts() && pieces == 1
                    ? List.of(draw.apply(0)) // here, so that the threads share its products
                    : workers.map(pieces, draw);
            Iterator<Sample> samples = drawn.stream().flatMap(List::stream).iterator();
            List<List<Sample>> byPrompt = new ArrayList<>();
            for (int prompt = 0; prompt < prompts.size(); prompt++) {
                List<Sample> own = new ArrayList<>(n);
                for (int i = 0; i < n; i++) {
                    own.add(samples.next());
                }
                byPrompt.add(own);
            }
            return byPrompt;
        }
    }

    /** Samples of a piece: fewer where keys and values of all threads' pieces would take more than a quarter of what is free. */
    private int piece(List<int[]> prompts) {
        long tokens =
                prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0) + (long) sampling.maxNewTokens();
        long sequence = tokens * MemoryNeed.cacheBytes(network.architecture(), network.arithmetic());
        long rows = FreeMemory.bytes() / (4L * workers.count()) / Math.max(1, sequence);
        return (int) Math.max(1, Math.min((long) PIECE * Native.breadth(), rows));
    }

    /** Logits (V) after a prefix, always computed in the same way: alone and whole. */
    private double[] canonical(int[] prefix) {
        return Native.infer(() -> {
            Tensor hidden = network.hidden(prefix, new WholeRows(network, 1, prefix.length, null));
            return Native.toDoubles(network.logits(hidden.narrow(0, prefix.length - 1L, 1)));
        });
    }

    /** Whose sample it is, which one, and what it goes on from. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Owner(int prompt, int sample, int[] ids, long seed) {
        RandomGenerator uniforms(int t) {
            return TokenDraw.uniforms(seed, sample, t);
        }
    }

    /** Samples drawn together, those of a prompt behind one another. */
    private final class Piece implements AutoCloseable {
        private final List<Owner> owners;
        private final Network stepped; // reads one token of each row
        private final double[] first; // (prompts, V) logits of the first token
        private final KeyValueCache cache;
        private final TokenDraw[] draws; // of each thread that draws
        private final int[][] tokens; // (samples, horizon)
        private final double[][] logProbs;
        private final double[][] sampledLogProbs;
        private final int[] lengths;
        private final boolean[] finished;
        private final int[] rowOf; // (samples) row of the cache, of those not finished
        private int[] rows; // a sample of each row

        Piece(List<Owner> owners, ReadPrompts read, Network stepped) {
            this.owners = owners;
            this.stepped = stepped;
            int count = owners.size();
            int from = owners.get(0).prompt();
            int to = owners.get(count - 1).prompt() + 1;
            this.first = read.logits(from, to);
            int horizon = sampling.maxNewTokens();
            this.cache = read.sequences(from, to, horizon - 1);
            this.tokens = new int[count][horizon];
            this.logProbs = new double[count][horizon];
            this.sampledLogProbs = new double[count][horizon];
            this.lengths = new int[count];
            this.finished = new boolean[count];
            this.rowOf = new int[count];
            this.rows = new int[to - from];
            this.draws = new TokenDraw[network.sharesProducts() ? Math.min(workers.count(), count) : 1];
            Arrays.setAll(draws, thread -> new TokenDraw(sampling, vocabulary.size()));
            Arrays.setAll(rowOf, sample -> owners.get(sample).prompt() - from);
        }

        List<Sample> draw() {
            double[] logits = first;
            for (int t = 0; t < sampling.maxNewTokens(); t++) {
                if (t > 0) {
                    closeUp(t);
                    if (rows.length == 0) {
                        break;
                    }
                    if (!Native.isOnProcessor() && draws[0].isByBlocks()) {
                        drawByBlocks(t);
                        continue;
                    }
                    logits = step(t);
                }
                drawAll(t, logits);
            }
            List<Sample> samples = new ArrayList<>();
            for (int i = 0; i < lengths.length; i++) {
                samples.add(new Sample(
                        Arrays.copyOf(tokens[i], lengths[i]),
                        Arrays.copyOf(logProbs[i], lengths[i]),
                        Arrays.copyOf(sampledLogProbs[i], lengths[i]),
                        finished[i]));
            }
            return samples;
        }

        /** Samples do not depend on each other: where threads share products, they share the draws, too. */
        private void drawAll(int t, double[] logits) {
            if (draws.length == 1) {
                drawSome(t, logits, 0);
            } else {
                workers.share(draws.length, thread -> drawSome(t, logits, thread));
            }
        }

        private void drawSome(int t, double[] logits, int thread) {
            for (int sample = thread; sample < lengths.length; sample += draws.length) {
                if (!finished[sample]) {
                    drawOne(sample, t, logits, draws[thread]);
                }
            }
        }

        private void drawOne(int sample, int t, double[] logits, TokenDraw draw) {
            take(sample, t, draw, draw.draw(logits, rowOf[sample] * vocabulary.size(), uniforms(sample, t)));
        }

        private RandomGenerator uniforms(int sample, int t) {
            return owners.get(sample).uniforms(t);
        }

        private void take(int sample, int t, TokenDraw draw, int drawn) {
            Owner owner = owners.get(sample);
            int token = drawn;
            if (!draw.isDecided()) {
                double[] alone = canonical(prefix(sample, t));
                token = draw.draw(alone, 0, owner.uniforms(t));
            }
            tokens[sample][t] = token;
            logProbs[sample][t] = draw.logProb();
            sampledLogProbs[sample][t] = draw.sampledLogProb();
            lengths[sample] = t + 1;
            finished[sample] = vocabulary.isEnd(token);
        }

        private int[] prefix(int sample, int t) {
            int[] prompt = owners.get(sample).ids();
            int[] prefix = Arrays.copyOf(prompt, prompt.length + t);
            System.arraycopy(tokens[sample], 0, prefix, prompt.length, t);
            return prefix;
        }

        /** Logits (rows, V) after the token drawn last. */
        private double[] step(int t) {
            return Native.within(() -> toDoubles(logits(t)));
        }

        private Tensor logits(int t) {
            int[] last = new int[rows.length];
            Arrays.setAll(last, row -> tokens[rows[row]][t - 1]);
            Tensor hidden = stepped.hidden(last, new StepRows(network, cache));
            cache.advance(1);
            return stepped.logits(hidden);
        }

        /** Draws of all that go on, where logits are far away: of each row its blocks' masses come here, then one block's logits. */
        private void drawByBlocks(int t) {
            Native.within(() -> {
                LogitBlocks blocks = LogitBlocks.of(logits(t));
                int[] alive = IntStream.range(0, lengths.length)
                        .filter(sample -> !finished[sample])
                        .toArray();
                TokenDraw.Begun[] begun = new TokenDraw.Begun[alive.length];
                RandomGenerator[] uniforms = new RandomGenerator[alive.length];
                int[] chosen = new int[alive.length];
                for (int k = 0; k < alive.length; k++) {
                    int row = rowOf[alive[k]];
                    uniforms[k] = uniforms(alive[k], t);
                    begun[k] = draws[0].begin(blocks.masses(), row * blocks.each(), blocks.max()[row], uniforms[k]);
                    chosen[k] = row * blocks.each() + begun[k].block();
                }
                double[] logits = blocks.logits(chosen);
                for (int k = 0; k < alive.length; k++) {
                    take(alive[k], t, draws[0], draws[0].finish(begun[k], logits, k * TokenDraw.BLOCK, uniforms[k]));
                }
            });
        }

        /** (rows, V), each thread some rows. */
        private double[] toDoubles(Tensor logits) {
            int all = (int) logits.size(0);
            if (Math.min(draws.length, all) == 1) {
                return Native.toDoubles(logits);
            }
            int width = vocabulary.size();
            double[] numbers = new double[Math.multiplyExact(all, width)];
            workers.share(
                    all,
                    row -> Native.infer(() -> {
                        Native.copy(logits.narrow(0, row, 1), numbers, row * width);
                        return row;
                    }));
            return numbers;
        }

        /**
         * Gives samples that went different ways rows of their own, and lets rows that nobody goes on with leave once they are
         * enough to pay for the move.
         */
        private void closeUp(int t) {
            Map<Long, Integer> places = new LinkedHashMap<>(); // row and token to a place, in the order of samples
            int[] place = new int[lengths.length];
            int[] firsts = new int[lengths.length]; // sample of a place
            int alive = 0;
            for (int i = 0; i < lengths.length; i++) {
                if (!finished[i]) {
                    int next = places.size();
                    place[i] = places.computeIfAbsent((long) rowOf[i] << Integer.SIZE | tokens[i][t - 1], way -> next);
                    firsts[place[i]] = place[i] == next ? i : firsts[place[i]];
                    alive++;
                }
            }
            int[] first = Arrays.copyOf(firsts, places.size());
            boolean apart = places.size() == aliveRows();
            if (alive > 0 && apart && rows.length - places.size() <= LEAVE * rows.length) {
                for (int sample : first) {
                    rows[rowOf[sample]] = sample;
                }
                return; // nothing parts, and few rows are idle
            }
            int[] kept = new int[places.size()];
            Arrays.setAll(kept, k -> rowOf[first[k]]);
            int[] row = apart
                    ? KeyValueCache.closingUp(kept)
                    : IntStream.range(0, kept.length).toArray(); // of a place
            int[] from = new int[kept.length];
            rows = new int[kept.length];
            for (int k = 0; k < kept.length; k++) {
                from[row[k]] = kept[k];
                rows[row[k]] = first[k];
            }
            if (alive > 0) {
                cache.select(from);
            }
            for (int i = 0; i < lengths.length; i++) {
                if (!finished[i]) {
                    rowOf[i] = row[place[i]];
                }
            }
        }

        /** Rows with a sample that goes on. */
        private int aliveRows() {
            boolean[] seen = new boolean[rows.length];
            int count = 0;
            for (int i = 0; i < lengths.length; i++) {
                if (!finished[i] && !seen[rowOf[i]]) {
                    seen[rowOf[i]] = true;
                    count++;
                }
            }
            return count;
        }

        @Override
        public void close() {
            cache.close();
        }
    }
}
