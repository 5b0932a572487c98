package dev.credence.bench.speed;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.probability.LogMath;
import dev.credence.torch.Transformer;
import dev.credence.torch.trie.CompletionTrie;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;

/** One kind of work, done here; and whether a peer that did the same came to the same result. */
interface TorchWork {
    /** Does it once; returns how many units were done. */
    double run();

    /** What a peer's figures contradict, or empty. */
    String contradiction(JsonNode figures);

    /** Draws completions of one prompt; other ones at each run, counted in tokens. */
    static TorchWork rollouts(Transformer model, int[] prompt, int samples, int newTokens) {
        SplittableRandom random = new SplittableRandom(1);
        return new TorchWork() {
            @Override
            public double run() {
                List<Sample> drawn = model.sample(prompt, samples, Sampling.upTo(newTokens), random);
                return drawn.stream().mapToInt(sample -> sample.tokens().length).sum();
            }

            @Override
            public String contradiction(JsonNode figures) {
                double most = (double) samples * newTokens;
                double tokens = figures.path("tokens").asDouble();
                return tokens > 0.5 * most && tokens <= most ? "" : "drew " + tokens + " tokens of " + most;
            }
        };
    }

    /** The log-probability of every token but the first of some rows, counted in tokens. */
    static TorchWork scoring(Transformer model, int[][] rows) {
        List<Continuation> continuations = new ArrayList<>();
        for (int[] row : rows) {
            continuations.add(new Continuation(new int[] {row[0]}, Arrays.copyOfRange(row, 1, row.length)));
        }
        return new TorchWork() {
            private double logProb;

            @Override
            public double run() {
                logProb = 0;
                double tokens = 0;
                for (double[] scored : model.logProbs(continuations)) {
                    logProb += Arrays.stream(scored).sum();
                    tokens += scored.length;
                }
                return tokens;
            }

            @Override
            public String contradiction(JsonNode figures) {
                double theirs = figures.path("logProb").asDouble();
                boolean same = Math.abs(theirs - logProb) <= 1e-3 * rows.length;
                return same ? "" : "log-probability " + theirs + ", here " + logProb;
            }
        };
    }

    /** The log-probability of every completion up to a horizon, counted in completions. */
    static TorchWork enumeration(Transformer model, int[] prompt, int horizon) {
        return new TorchWork() {
            private double completions;
            private double logMass;

            @Override
            public double run() {
                List<LogProbs> parts = new CompletionTrie(List.of(model)).walk(prompt, horizon, LogProbs::new);
                double[] masses = parts.stream().mapToDouble(LogProbs::logMass).toArray();
                logMass = LogMath.logSumExp(masses);
                completions = parts.stream().mapToLong(part -> part.size).sum();
                return completions;
            }

            @Override
            public String contradiction(JsonNode figures) {
                double theirs = figures.path("logMass").asDouble(Double.NaN);
                boolean same =
                        figures.path("completions").asDouble() == completions && Math.abs(theirs - logMass) < 1e-6;
                return same ? "" : figures + ", here " + completions + " completions of log mass " + logMass;
            }
        };
    }

    /** The same where a peer's result is another, as with weights of its own. */
    static TorchWork unchecked(TorchWork work) {
        return new TorchWork() {
            @Override
            public double run() {
                return work.run();
            }

            @Override
            public String contradiction(JsonNode figures) {
                return "";
            }
        };
    }

    /** Keeps the log-probabilities of one part of the trie. */
    final class LogProbs implements CompletionVisitor {
        private double[] kept = new double[1024];
        private int size;

        @Override
        public boolean enters(int[] tokens, int length, double[] logProbs) {
            return true;
        }

        @Override
        public void visit(int[] tokens, int length, int end, double[] logProbs) {
            if (size == kept.length) {
                kept = Arrays.copyOf(kept, Math.multiplyExact(size, 2));
            }
            kept[size++] = logProbs[0];
        }

        /** What was kept, in the order of the visits. */
        DoubleStream stream() {
            return Arrays.stream(kept, 0, size);
        }

        private double logMass() {
            return size == 0 ? Double.NEGATIVE_INFINITY : LogMath.logSumExp(Arrays.copyOf(kept, size));
        }
    }
}
