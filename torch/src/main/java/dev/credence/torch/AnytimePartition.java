package dev.credence.torch;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.model.LogPartition;
import dev.credence.core.model.TokenEvidence;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.LogSum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * log Z by looking where most can still be: blocks of prefixes are opened in the order of the most mass they may hold,
 * until the interval between what is certain and what is possible is narrow enough. Where more prefixes wait than memory
 * should hold, the longest ones are worked off first instead.
 */
public final class AnytimePartition {
    private static final int TOGETHER = 4; // blocks a round; a fixed number, so that threads change no figure
    private static final int DIVIDE = 8; // parts into which what a block leaves is divided: fine enough to choose among
    private static final long WAITING = 4_000_000; // prefixes that may wait before depth comes first

    private final Transformer model;
    private final TokenEvidence evidence;

    /**
     * Evidence under a model.
     *
     * @param model the prior
     * @param evidence on its tokens; its bounds on prefixes decide how soon the interval is narrow
     */
    public AnytimePartition(Transformer model, TokenEvidence evidence) {
        this.model = model;
        this.evidence = evidence;
    }

    /**
     * The log-partition of one prompt.
     *
     * @param prompt token ids, at least one
     * @param horizon at so many tokens a text is cut
     * @param width nats: the interval is at most so wide; 0 sums everything that is not excluded
     * @return the interval; {@code cut} counts the prefixes still waiting
     * @throws dev.credence.core.model.ContextWindowException if prompt and horizon do not fit the context window
     * @throws IllegalArgumentException if the prompt is empty, the horizon not positive or the width negative
     */
    public LogPartition until(int[] prompt, int horizon, double width) {
        if (!(width >= 0)) {
            throw new IllegalArgumentException("width is " + width + "; it must not be negative");
        }
        CompletionTrie trie = new CompletionTrie(List.of(model));
        List<Waiting> waiting = new ArrayList<>();
        waiting.add(Waiting.of(trie.root(prompt, horizon), evidence));
        LogSum seen = new LogSum();
        long visited = 0;
        try {
            while (true) {
                LogPartition so = interval(seen, visited, waiting);
                if (waiting.isEmpty() || so.upper() - so.lower() <= width) {
                    return so;
                }
                List<Waiting> next = take(waiting);
                List<Opened> opened = model.backend().workers().map(next.size(), i -> open(trie, next.get(i), horizon));
                for (Opened one : opened) {
                    seen.add(one.visitor.sum);
                    visited += one.visitor.count;
                    waiting.addAll(one.left);
                }
            }
        } finally {
            waiting.forEach(w -> w.block.close());
        }
    }

    private Opened open(CompletionTrie trie, Waiting waiting, int horizon) {
        Visitor visitor = new Visitor(evidence);
        List<Waiting> left = new ArrayList<>();
        for (TrieBlock block : trie.expand(waiting.block, horizon, visitor, DIVIDE)) {
            left.add(Waiting.of(block, evidence));
        }
        return new Opened(visitor, left);
    }

    private static List<Waiting> take(List<Waiting> waiting) {
        long prefixes = waiting.stream().mapToLong(w -> w.block.size()).sum();
        Comparator<Waiting> order = prefixes > WAITING
                ? Comparator.comparingInt(w -> -w.block.depth())
                : Comparator.comparingDouble(w -> -w.most);
        waiting.sort(order);
        List<Waiting> first = waiting.subList(0, Math.min(TOGETHER, waiting.size()));
        List<Waiting> taken = new ArrayList<>(first);
        first.clear();
        return taken;
    }

    private static LogPartition interval(LogSum seen, long visited, List<Waiting> waiting) {
        LogSum least = new LogSum();
        LogSum most = new LogSum();
        LogSum mass = new LogSum();
        long prefixes = 0;
        for (Waiting one : waiting) {
            least.add(one.least);
            most.add(one.most);
            mass.add(one.mass);
            prefixes += one.block.size();
        }
        double sum = seen.value();
        return new LogPartition(
                LogMath.logAddExp(sum, least.value()),
                LogMath.logAddExp(sum, most.value()),
                visited,
                prefixes,
                Math.exp(mass.value()));
    }

    private record Opened(Visitor visitor, List<Waiting> left) {}

    /** A block not yet computed, with the least and the most its completions can add, and their mass; nats. */
    private record Waiting(TrieBlock block, double least, double most, double mass) {
        static Waiting of(TrieBlock block, TokenEvidence evidence) {
            LogSum least = new LogSum();
            LogSum most = new LogSum();
            LogSum mass = new LogSum();
            for (int prefix = 0; prefix < block.size(); prefix++) {
                int from = prefix * block.depth();
                int[] tokens = Arrays.copyOfRange(block.tokens(), from, from + block.depth());
                LogBounds bounds = evidence.bounds(tokens, tokens.length);
                double own = block.logProbs()[0][prefix];
                least.add(own + bounds.lower());
                most.add(own + bounds.upper());
                mass.add(own);
            }
            return new Waiting(block, least.value(), most.value(), mass.value());
        }
    }

    /** Sums what ends; leaves out what is excluded. */
    private static final class Visitor implements CompletionVisitor {
        private final TokenEvidence evidence;
        private final LogSum sum = new LogSum();
        private long count;

        Visitor(TokenEvidence evidence) {
            this.evidence = evidence;
        }

        @Override
        public boolean enters(int[] tokens, int length, double[] logProbs) {
            return logProbs[0] + evidence.bounds(tokens, length).upper() > Double.NEGATIVE_INFINITY;
        }

        @Override
        public void visit(int[] tokens, int length, int end, double[] logProbs) {
            count++;
            sum.add(logProbs[0] + evidence.logLikelihood(tokens, length, end >= 0));
        }
    }
}
