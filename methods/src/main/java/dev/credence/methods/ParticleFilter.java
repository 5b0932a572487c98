package dev.credence.methods;

import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.GrowingSequences;
import dev.credence.core.model.PosteriorDraws;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.TokenDraw;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.LogMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sequential Monte Carlo on the completions of one prompt (docs/theory.md#sequential-monte-carlo): K particles grow a token at a time,
 * are weighted towards π0 · ψ after each, and are resampled (systematically) where the weights leave less than a share of them. Several
 * runs grow side by side.
 *
 * <p>A run may be begun from an exact draw of the posterior, which one particle retains; resampling is then the conditional one, so that
 * E log Ẑ is at least log Z (bidirectional Monte Carlo; Grosse, Ghahramani and Adams 2015).
 */
final class ParticleFilter {
    private static final int TOGETHER = 256; // particles that grow side by side
    private static final int ALONE = 1 << 14; // numbers of logits from which on threads share the draws
    private static final int FURTHEST = 8; // tokens that particles go on by before their weights are looked at
    private static final long RESAMPLING = 0x5851F42D4C957F2DL; // another stream than that of the tokens

    private final PredictiveModel prior;
    private final DrawnEvidence asked;
    private final int horizon;
    private final Smc how;
    private final Vocabulary vocabulary;

    ParticleFilter(PredictiveModel prior, DrawnEvidence asked, int horizon, Smc how) {
        this.prior = prior;
        this.asked = asked;
        this.horizon = horizon;
        this.how = how;
        this.vocabulary = prior.vocabulary();
    }

    /**
     * Runs.
     *
     * @param prompt token ids, at least one
     * @param twist what is expected of beginnings
     * @param n how many
     * @param retained (n) exact draws of the posterior that a particle of each run is; or null
     * @param seed of all draws; run i is the same for every n > i
     * @return (n) independent runs
     */
    List<ParticleRun> runs(int[] prompt, Twist twist, int n, @Nullable List<PosteriorDraws.Drawn> retained, long seed) {
        List<ParticleRun> all = new ArrayList<>();
        int together = Math.max(1, TOGETHER / how.particles());
        for (int from = 0; from < n; from += together) {
            int to = Math.min(n, from + together);
            List<PosteriorDraws.Drawn> own = retained == null ? null : retained.subList(from, to);
            try (GrowingSequences sequences = prior.sequences(prompt, horizon)) {
                all.addAll(new Cloud(prompt, twist, sequences, new Numbered(seed, from, to - from), own).run());
            }
        }
        return all;
    }

    /**
     * Which runs of a call.
     *
     * @param seed of all
     * @param first the first one's number
     * @param count how many
     */
    private record Numbered(long seed, int first, int count) {}

    /** Particles of several runs that grow side by side; particle k of run r is number r K + k. */
    private final class Cloud {
        private final int[] prompt;
        private final Twist twist;
        private final GrowingSequences sequences;
        private final Numbered which;
        private final @Nullable List<PosteriorDraws.Drawn> retained;
        private final @Nullable TokenEvidence followed; // all copies of it, where it is known token by token
        private final TokenDraw looking =
                new TokenDraw(Sampling.upTo(horizon), vocabulary.size()); // ahead, of this thread
        private final Queue<TokenDraw> idleDraws = new ConcurrentLinkedQueue<>(); // of threads that draw no more
        private final int k = how.particles();
        private final int[][] tokens; // (particles, horizon)
        private final double[][] logProbs;
        private final int[] lengths;
        private final boolean[] finished;
        private final boolean[] closed; // ended, cut or excluded
        private final int[] sequence; // (particles) whose last token is the one drawn before the last
        private final double[] logTwist;
        private final double[] logWeight; // since the last resampling
        private final double[] logLikelihood; // one copy, of closed ones
        private final double[] logPartition; // (runs) up to the last resampling
        private final int[] resamplings;
        private final long[] drawn;
        private final int[] slot; // (runs) the retained particle, −1 for none

        Cloud(
                int[] prompt,
                Twist twist,
                GrowingSequences sequences,
                Numbered which,
                @Nullable List<PosteriorDraws.Drawn> retained) {
            this.prompt = prompt;
            this.twist = twist;
            this.sequences = sequences;
            this.which = which;
            this.retained = retained;
            TokenEvidence once = asked.onTokens(prompt).orElse(null);
            this.followed = once == null || !once.unfollowed().isEmpty() ? null : once.times(how.copies());
            int n = which.count * k;
            this.tokens = new int[n][horizon];
            this.logProbs = new double[n][horizon];
            this.lengths = new int[n];
            this.finished = new boolean[n];
            this.closed = new boolean[n];
            this.sequence = new int[n];
            this.logTwist = new double[n];
            this.logWeight = new double[n];
            this.logLikelihood = new double[n];
            this.logPartition = new double[which.count];
            this.resamplings = new int[which.count];
            this.drawn = new long[which.count];
            this.slot = new int[which.count];
            Arrays.fill(slot, -1);
            for (int run = 0; retained != null && run < which.count; run++) {
                slot[run] = uniforms(run, -1).nextInt(k);
            }
        }

        List<ParticleRun> run() {
            int most = 1;
            for (int t = 0; t < horizon; ) {
                int[] open = open();
                if (open.length == 0) {
                    break;
                }
                int steps = grow(open, t, Math.min(most, horizon - t));
                int passed = weigh(open, t, steps);
                sequences.back(steps - Math.abs(passed));
                most = passed < 0 ? 1 : Math.min(2 * most, FURTHEST);
                t += Math.abs(passed);
            }
            List<ParticleRun> runs = new ArrayList<>();
            for (int run = 0; run < which.count; run++) {
                runs.add(result(run));
            }
            return runs;
        }

        /** Takes so many tokens into account, up to a resampling; how many were, negative where one was. */
        private int weigh(int[] first, int t, int steps) {
            for (int step = 0; step < steps; step++) {
                int[] open = step == 0 ? first : open();
                for (int i : open) {
                    drawn[i / k]++;
                }
                step(open, t + step);
                boolean resampled = false;
                for (int run = 0; run < which.count; run++) {
                    resampled |= resample(run, t + step);
                }
                if (resampled || open.length == 0) {
                    return resampled ? -step - 1 : steps;
                }
            }
            return steps;
        }

        private int[] open() {
            int[] open = new int[closed.length];
            int count = 0;
            for (int i = 0; i < closed.length; i++) {
                if (!closed[i]) {
                    open[count++] = i;
                }
            }
            return Arrays.copyOf(open, count);
        }

        /** The model reads the tokens drawn last, and where nobody waits for weights those that are drawn then; how many. */
        private int grow(int[] open, int t, int most) {
            if (t == 0) {
                return 1;
            }
            int[] parents = new int[open.length];
            int[] last = new int[open.length];
            Arrays.setAll(parents, j -> sequence[open[j]]);
            Arrays.setAll(last, j -> tokens[open[j]][t - 1]);
            int steps = 1;
            if (looksAhead(t)) {
                sequences.grow(parents, last);
            } else {
                boolean alone = !how.isTwisted() && !(twist instanceof TwistHead);
                steps = sequences.grow(parents, last, alone ? most : 1, new Drawing(open, t));
            }
            for (int j = 0; j < open.length; j++) {
                sequence[open[j]] = j;
            }
            return steps;
        }

        /** Draws of particles that go on by themselves. */
        private final class Drawing implements GrowingSequences.Follower {
            private final int[] open;
            private final int t;

            Drawing(int[] open, int t) {
                this.open = open;
                this.t = t;
            }

            @Override
            public void read(int step, int[] own, int[] rows, double[] logits) {
                int[] alive = IntStream.range(0, own.length)
                        .filter(j -> step == 0 || !isOver(open[own[j]], step))
                        .toArray();
                int[] some = Arrays.stream(alive).map(j -> own[j]).toArray();
                draw(some, Arrays.stream(alive).map(j -> rows[j]).toArray(), open, t + step, logits);
            }

            @Override
            public int token(int step, int own) {
                return tokens[open[own]][t + step];
            }

            /** Whether one of the tokens drawn here ends the text; what stands behind it is older. */
            private boolean isOver(int i, int step) {
                return IntStream.range(0, step).anyMatch(before -> vocabulary.isEnd(tokens[i][t + before]));
            }
        }

        /** Draws a token of each, and weighs. */
        private void step(int[] open, int t) {
            double[] logits = sequences.logits();
            if (twist instanceof TwistHead head) {
                read(head, open, t, logits.length / vocabulary.size());
            }
            Map<Integer, Ahead> byRow = looksAhead(t) ? ahead(open, t, logits) : Map.of();
            if (t == 0 && !looksAhead(t)) {
                first(open, logits);
            }
            List<Integer> ended = new ArrayList<>();
            for (int j = 0; j < open.length; j++) {
                int i = open[j];
                int row = sequences.row(sequence[i]);
                Ahead ahead = byRow.get(row);
                int token = ahead == null ? tokens[i][t] : ahead.draw(i, t);
                if (token < 0) { // nothing that may follow has the evidence
                    exclude(i);
                    continue;
                }
                tokens[i][t] = token;
                lengths[i] = t + 1;
                finished[i] = vocabulary.isEnd(token);
                closed[i] = finished[i] || t + 1 == horizon;
                if (ahead != null) {
                    logProbs[i][t] = logits[row * vocabulary.size() + token] - ahead.normaliser;
                    logWeight[i] += ahead.total - logTwist[i];
                    logTwist[i] = ahead.twists[token];
                }
                if (closed[i]) {
                    ended.add(i);
                } else if (ahead == null) {
                    weigh(i, twist.of(tokens[i], t + 1));
                }
            }
            end(ended, byRow.isEmpty());
        }

        private boolean looksAhead(int t) {
            return how.isTwisted() && (followed != null || t + 1 < horizon);
        }

        /** The first tokens, all behind the prompt. */
        private void first(int[] open, double[] logits) {
            int shares = (long) open.length * vocabulary.size() < ALONE
                    ? 1
                    : Math.min(open.length, Runtime.getRuntime().availableProcessors());
            IntStream.range(0, shares).parallel().forEach(share -> {
                int[] own = IntStream.range(0, open.length)
                        .filter(j -> j % shares == share)
                        .toArray();
                int[] rows = Arrays.stream(own)
                        .map(j -> sequences.row(sequence[open[j]]))
                        .toArray();
                draw(own, rows, open, 0, logits);
            });
        }

        /**
         * Tokens from the prior, with their log-probabilities. A draw depends on its particle alone: threads share them.
         *
         * @param some (n) positions among the open ones
         * @param rows (n) of the logits
         */
        private void draw(int[] some, int[] rows, int[] open, int t, double[] logits) {
            TokenDraw idle = idleDraws.poll();
            TokenDraw draw = idle == null ? new TokenDraw(Sampling.upTo(horizon), vocabulary.size()) : idle;
            for (int n = 0; n < some.length; n++) {
                int i = open[some[n]];
                int given = given(i, t);
                tokens[i][t] = given >= 0 ? given : draw.draw(logits, rows[n] * vocabulary.size(), uniforms(i, t));
                logProbs[i][t] = given >= 0 ? logProb(logits, rows[n], given) : draw.logProb();
            }
            idleDraws.add(draw);
        }

        /** The head reads what the model knows of each distinct beginning. */
        private void read(TwistHead head, int[] open, int t, int rows) {
            head.forget();
            double[] hidden = sequences.hidden();
            Set<Integer> done = new HashSet<>();
            for (int i : open) {
                int row = sequences.row(sequence[i]);
                if (done.add(row)) {
                    head.see(tokens[i], t, hidden, row * (hidden.length / rows));
                }
            }
        }

        /** What the evidence says of complete texts; their weights, where proposals did not know it. */
        private void end(List<Integer> ended, boolean weighs) {
            if (ended.isEmpty()) {
                return;
            }
            double[] values = asked.logLikelihoods(
                    prompt, ended.stream().map(this::sample).toList());
            for (int j = 0; j < values.length; j++) {
                int i = ended.get(j);
                requireNumber(values[j]);
                logLikelihood[i] = values[j];
                if (weighs) {
                    weigh(i, how.copies() * values[j]);
                }
            }
        }

        private void weigh(int i, double next) {
            if (next == Double.NEGATIVE_INFINITY) {
                exclude(i);
            } else {
                logWeight[i] += next - logTwist[i];
                logTwist[i] = next;
            }
        }

        private void exclude(int i) {
            closed[i] = true;
            logWeight[i] = Double.NEGATIVE_INFINITY;
            logLikelihood[i] = Double.NEGATIVE_INFINITY;
        }

        private double logProb(double[] logits, int row, int token) {
            int from = row * vocabulary.size();
            return logits[from + token] - LogMath.logSumExp(logits, from, from + vocabulary.size());
        }

        /** The token that a retained particle has; −1 of others. */
        private int given(int i, int t) {
            int run = i / k;
            return retained == null || slot[run] != i % k
                    ? -1
                    : retained.get(run).tokens()[t];
        }

        private Sample sample(int i) {
            double[] own = Arrays.copyOf(logProbs[i], lengths[i]);
            return new Sample(Arrays.copyOf(tokens[i], lengths[i]), own, own, finished[i]);
        }

        private RandomGenerator uniforms(int i, int t) {
            return TokenDraw.uniforms(which.seed, (long) which.first * k + i, t);
        }

        /** The proposal π0 ψ behind each distinct beginning. */
        private Map<Integer, Ahead> ahead(int[] open, int t, double[] logits) {
            Map<Integer, Integer> first = new HashMap<>();
            for (int i : open) {
                first.putIfAbsent(sequences.row(sequence[i]), i);
            }
            Map<Integer, Ahead> byRow = new HashMap<>();
            List<Sample> ends = new ArrayList<>();
            first.forEach((row, i) -> {
                byRow.put(row, new Ahead(logits, row, tokens[i], t));
                if (followed == null) {
                    int[] longer = Arrays.copyOf(tokens[i], t + 1);
                    for (int end : vocabulary.ends()) {
                        longer[t] = end;
                        ends.add(new Sample(longer.clone(), new double[t + 1], new double[t + 1], true));
                    }
                }
            });
            if (!ends.isEmpty()) {
                double[] values = asked.logLikelihoods(prompt, ends);
                int at = 0;
                for (int row : first.keySet()) {
                    for (int end : vocabulary.ends()) {
                        requireNumber(values[at]);
                        Objects.requireNonNull(byRow.get(row)).twists[end] = how.copies() * values[at++];
                    }
                }
            }
            byRow.values().forEach(Ahead::finish);
            return byRow;
        }

        /** Every next token behind one beginning. */
        private final class Ahead {
            private final double[] twists = new double[vocabulary.size()];
            private final double[] joint = new double[vocabulary.size()]; // log π0 ψ
            private final double normaliser; // of the logits
            private double total = Double.NaN; // log of the sum of π0 ψ

            Ahead(double[] logits, int row, int[] before, int t) {
                int from = row * twists.length;
                normaliser = LogMath.logSumExp(logits, from, from + twists.length);
                int[] longer = Arrays.copyOf(before, t + 1);
                for (int v = 0; v < twists.length; v++) {
                    joint[v] = logits[from + v] - normaliser;
                    if (joint[v] == Double.NEGATIVE_INFINITY) {
                        continue;
                    }
                    longer[t] = v;
                    if (vocabulary.isEnd(v)) {
                        twists[v] = followed == null ? 0 : followed.logLikelihood(longer, t, true);
                    } else {
                        twists[v] = t + 1 < horizon || followed == null
                                ? twist.of(longer, t + 1)
                                : followed.logLikelihood(longer, t + 1, false);
                    }
                }
            }

            /** A particle's token; −1 where none has the evidence. */
            int draw(int i, int t) {
                int given = given(i, t);
                if (given >= 0) {
                    return given;
                }
                return total == Double.NEGATIVE_INFINITY ? -1 : looking.draw(joint, 0, uniforms(i, t));
            }

            void finish() {
                for (int v = 0; v < twists.length; v++) {
                    joint[v] += twists[v];
                }
                total = LogMath.logSumExp(joint);
            }
        }

        /** Whether it was necessary. */
        private boolean resample(int run, int t) {
            int from = run * k;
            boolean goesOn = false;
            for (int i = from; i < from + k; i++) {
                goesOn |= !closed[i];
            }
            if (!goesOn) {
                return false;
            }
            double total = LogMath.logSumExp(logWeight, from, from + k);
            double[] shares = new double[k];
            double squares = 0;
            for (int j = 0; j < k; j++) {
                shares[j] = Math.exp(logWeight[from + j] - total);
                squares += shares[j] * shares[j];
            }
            if (!(1 / squares < how.essShare() * k)) {
                return false;
            }
            RandomGenerator random = TokenDraw.uniforms(which.seed ^ RESAMPLING, (long) which.first + run, t);
            Systematic chosen = Systematic.draw(
                    shares, slot[run] < 0 ? OptionalInt.empty() : OptionalInt.of(slot[run]), random.nextDouble());
            slot[run] = chosen.retained();
            move(from, chosen.ancestors());
            logPartition[run] += total - Math.log(k);
            Arrays.fill(logWeight, from, from + k, 0);
            resamplings[run]++;
            return true;
        }

        private void move(int from, int[] ancestors) {
            int[][] oldTokens = Arrays.copyOfRange(tokens, from, from + k);
            double[][] oldLogProbs = Arrays.copyOfRange(logProbs, from, from + k);
            int[] oldLengths = Arrays.copyOfRange(lengths, from, from + k);
            boolean[] oldFinished = Arrays.copyOfRange(finished, from, from + k);
            boolean[] oldClosed = Arrays.copyOfRange(closed, from, from + k);
            int[] oldSequence = Arrays.copyOfRange(sequence, from, from + k);
            double[] oldTwist = Arrays.copyOfRange(logTwist, from, from + k);
            double[] oldLikelihood = Arrays.copyOfRange(logLikelihood, from, from + k);
            boolean[] used = new boolean[k];
            for (int j = 0; j < k; j++) {
                int a = ancestors[j];
                tokens[from + j] = used[a] ? oldTokens[a].clone() : oldTokens[a];
                logProbs[from + j] = used[a] ? oldLogProbs[a].clone() : oldLogProbs[a];
                used[a] = true;
                lengths[from + j] = oldLengths[a];
                finished[from + j] = oldFinished[a];
                closed[from + j] = oldClosed[a];
                sequence[from + j] = oldSequence[a];
                logTwist[from + j] = oldTwist[a];
                logLikelihood[from + j] = oldLikelihood[a];
            }
        }

        private ParticleRun result(int run) {
            int from = run * k;
            double[] weights = Arrays.copyOfRange(logWeight, from, from + k);
            List<ConditionedModel.Text> texts = new ArrayList<>();
            for (int i = from; i < from + k; i++) {
                texts.add(new ConditionedModel.Text(sample(i), logLikelihood[i]));
            }
            double total = logPartition[run] + LogMath.logSumExp(weights) - Math.log(k);
            return new ParticleRun(texts, weights, total, resamplings[run], drawn[run]);
        }
    }

    private static void requireNumber(double logLikelihood) {
        if (!(logLikelihood < Double.POSITIVE_INFINITY)) {
            throw new NoPosteriorException("log-likelihood of a drawn completion is " + logLikelihood
                    + "; it must be a number below infinity");
        }
    }
}
