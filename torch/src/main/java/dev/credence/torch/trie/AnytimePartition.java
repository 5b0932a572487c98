package dev.credence.torch.trie;

import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.LogPartition;
import dev.credence.core.model.SoftValues;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.LogSum;
import dev.credence.torch.Transformer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * log Z by looking where it is least certain: blocks of prefixes are opened in the order of how far apart the least and the
 * most are that they may hold, until the interval is narrow enough. What the evidence excludes is never looked behind, nor
 * what it has decided: that is summed at once.
 *
 * <p>Memory is bounded: of blocks that wait for long the keys and values are forgotten and read again when their turn comes,
 * and where too many prefixes wait, the longest are worked off first.
 */
public final class AnytimePartition {
    private static final int TOGETHER = 4; // blocks a round; a fixed number, so that threads change no figure
    private static final int DIVIDE = 8; // parts into which what a block leaves is divided: fine enough to choose among
    private static final long WAITING = 4_000_000; // prefixes that may wait before depth comes first
    private static final double SMALL =
            1e-6; // a prefix of no more than this share of what may be left is not kept waiting

    private final Transformer model;
    private final TokenEvidence evidence;
    private final long keptBytes;

    /**
     * Evidence under a model.
     *
     * @param model the prior
     * @param evidence on its tokens; its bounds on prefixes decide how soon the interval is narrow
     */
    public AnytimePartition(Transformer model, TokenEvidence evidence) {
        this(model, evidence, 1L << 30);
    }

    AnytimePartition(Transformer model, TokenEvidence evidence, long keptBytes) {
        this.model = model;
        this.evidence = evidence;
        this.keptBytes = keptBytes;
    }

    /**
     * When to stop, and what to keep.
     *
     * @param width nats: the interval need not be narrower; 0 sums everything that is neither excluded nor decided
     * @param goesOn asked between rounds with the interval so far; false stops whatever its width
     * @param soft where soft values are recorded, or null
     */
    public record Search(double width, Predicate<LogPartition> goesOn, SoftValues.@Nullable Recorder soft) {
        /**
         * Checks the width.
         *
         * @param width as above
         * @param goesOn as above
         * @param soft as above
         * @throws IllegalArgumentException if the width is negative
         */
        public Search {
            if (!(width >= 0)) {
                throw new IllegalArgumentException("width is " + width + "; it must not be negative");
            }
        }

        /**
         * Without soft values.
         *
         * @param width as above
         * @param goesOn as above
         * @throws IllegalArgumentException if the width is negative
         */
        public Search(double width, Predicate<LogPartition> goesOn) {
            this(width, goesOn, null);
        }
    }

    /**
     * What a search came to.
     *
     * @param logPartition log Z and what was done for it
     * @param evidence the mean evidence of the posterior; less log Z it is KL(posterior ‖ prior)
     */
    public record Found(LogPartition logPartition, Mean evidence) {}

    /**
     * A mean as an interval.
     *
     * @param lower nats
     * @param upper nats
     */
    public record Mean(double lower, double upper) {}

    /**
     * The log-partition of one prompt.
     *
     * @param prompt token ids, at least one
     * @param horizon at so many tokens a text is cut
     * @param width nats: the interval is at most so wide; 0 sums everything that is neither excluded nor decided
     * @return the interval; {@code cut} counts the prefixes still waiting
     * @throws dev.credence.core.model.ContextWindowException if prompt and horizon do not fit the context window
     * @throws IllegalArgumentException if the prompt is empty, the horizon not positive or the width negative
     */
    public LogPartition until(int[] prompt, int horizon, double width) {
        return search(prompt, horizon, new Search(width, so -> true, null)).logPartition();
    }

    /**
     * The log-partition of one prompt, the posterior's mean evidence, and soft values where they are wanted.
     *
     * @param prompt token ids, at least one
     * @param horizon at so many tokens a text is cut
     * @param search when to stop, what to keep
     * @return the intervals; {@code cut} counts the prefixes still waiting
     * @throws dev.credence.core.model.ContextWindowException if prompt and horizon do not fit the context window
     * @throws dev.credence.core.model.PrefixLimitException if there are more soft values than are to be kept
     * @throws IllegalArgumentException if the prompt is empty or the horizon not positive
     */
    public Found search(int[] prompt, int horizon, Search search) {
        CompletionTrie trie = new CompletionTrie(List.of(model));
        List<WaitingBlock> waiting = new ArrayList<>();
        waiting.add(WaitingBlock.of(trie.root(prompt, horizon), evidence));
        SearchSums sums = new SearchSums(search.soft());
        try {
            while (true) {
                LogPartition so = sums.interval(waiting);
                if (waiting.isEmpty()
                        || so.width() <= search.width()
                        || !search.goesOn().test(so)) {
                    waiting.forEach(sums::leave);
                    return new Found(so, sums.mean(so));
                }
                double small = Math.log(SMALL * sums.mayBeLeft(search.width(), so.lower()));
                List<WaitingBlock> next = take(waiting);
                List<Opened> opened =
                        model.backend().workers().map(next.size(), i -> open(trie, next.get(i), horizon, small));
                opened.forEach(one -> waiting.addAll(one.left));
                opened.forEach(one -> sums.add(one.visitor));
                forget(waiting);
            }
        } finally {
            waiting.forEach(w -> w.block().close());
        }
    }

    private Opened open(CompletionTrie trie, WaitingBlock waiting, int horizon, double small) {
        SearchVisitor visitor = new SearchVisitor(waiting.block(), evidence, small);
        List<WaitingBlock> left = new ArrayList<>();
        for (TrieBlock block : trie.expand(waiting.block(), horizon, visitor, DIVIDE)) {
            left.add(WaitingBlock.of(block, evidence));
        }
        return new Opened(visitor, left);
    }

    private record Opened(SearchVisitor visitor, List<WaitingBlock> left) {}

    /** Takes out those that come next. */
    private static List<WaitingBlock> take(List<WaitingBlock> waiting) {
        long prefixes = waiting.stream().mapToLong(w -> w.block().size()).sum();
        boolean deep = prefixes > WAITING;
        List<WaitingBlock> taken = new ArrayList<>();
        while (taken.size() < TOGETHER && !waiting.isEmpty()) {
            int best = 0;
            for (int i = 1; i < waiting.size(); i++) {
                boolean deeper = waiting.get(i).block().depth()
                        > waiting.get(best).block().depth();
                boolean wider = waiting.get(i).gap() > waiting.get(best).gap();
                best = (deep ? deeper : wider) ? i : best;
            }
            taken.add(waiting.get(best));
            waiting.set(best, waiting.get(waiting.size() - 1));
            waiting.remove(waiting.size() - 1);
        }
        return taken;
    }

    /** Forgets the keys and values of those that come last, where all together are too large. */
    private void forget(List<WaitingBlock> waiting) {
        if (bytes(waiting) <= keptBytes) {
            return;
        }
        waiting.sort((a, b) -> Double.compare(b.gap(), a.gap()));
        int from = waiting.size();
        while (from > 0 && bytes(waiting) > keptBytes / 2) {
            int to = from;
            from = Math.max(0, from - Math.max(1, waiting.size() / 8));
            for (int i = from; i < to; i++) {
                waiting.set(i, waiting.get(i).forgotten());
            }
        }
    }

    private static long bytes(List<WaitingBlock> waiting) {
        Set<Past> pasts = Collections.newSetFromMap(new IdentityHashMap<>());
        for (WaitingBlock one : waiting) {
            Past past = one.block().families().past();
            if (past != null) {
                pasts.add(past);
            }
        }
        return pasts.stream().mapToLong(Past::bytes).sum();
    }

    /** What is certain and what was left for good. */
    private static final class SearchSums {
        private final SoftValues.@Nullable Recorder soft;
        private final EvidenceSums evidence = new EvidenceSums();
        private final LogSum sum = new LogSum();
        private final LogSum leftLeast = new LogSum();
        private final LogSum leftMost = new LogSum();
        private final LogSum leftMass = new LogSum();
        private long seen;
        private long settled;
        private long excluded;
        private long left;

        SearchSums(SoftValues.@Nullable Recorder soft) {
            this.soft = soft;
        }

        void add(SearchVisitor visitor) {
            evidence.add(visitor.evidenceSums());
            sum.add(visitor.sum());
            leftLeast.add(visitor.left().least());
            leftMost.add(visitor.left().most());
            leftMass.add(visitor.left().mass());
            seen += visitor.seen();
            settled += visitor.settled();
            excluded += visitor.excluded();
            left += visitor.left().size();
            if (soft != null) {
                visitor.record(soft);
            }
        }

        /** The mass that may still be left unopened without the interval becoming too wide: half of it, for what waits. */
        double mayBeLeft(double width, double logZ) {
            double all = Math.exp(logZ) * Math.expm1(width) / 2;
            double used = Math.exp(leftMost.value()) - Math.exp(leftLeast.value());
            return Math.max(0, Math.min(all, Double.MAX_VALUE) - used);
        }

        LogPartition interval(List<WaitingBlock> waiting) {
            LogSum least = new LogSum();
            LogSum most = new LogSum();
            LogSum mass = new LogSum();
            least.add(leftLeast);
            most.add(leftMost);
            mass.add(leftMass);
            long cut = left;
            for (WaitingBlock one : waiting) {
                least.add(one.least());
                most.add(one.most());
                mass.add(one.mass());
                cut += one.block().size();
            }
            double certain = sum.value();
            return new LogPartition(
                    LogMath.logAddExp(certain, least.value()),
                    LogMath.logAddExp(certain, most.value()),
                    seen,
                    settled,
                    excluded,
                    cut,
                    Math.exp(mass.value()));
        }

        /** Once the blocks that are left were told. */
        Mean mean(LogPartition logZ) {
            return evidence.over(logZ.lower(), logZ.upper());
        }

        /** Adds and records a block that is left unopened. */
        void leave(WaitingBlock waiting) {
            waiting.addTo(evidence);
            if (soft != null) {
                waiting.record(soft);
            }
        }
    }
}
