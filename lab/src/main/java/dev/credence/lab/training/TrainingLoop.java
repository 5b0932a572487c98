package dev.credence.lab.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.training.SequenceObjective;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.data.corpora.BatchOrder;
import dev.credence.data.corpora.Sequences;
import dev.credence.data.runs.Metrics.Point;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Takes the steps of next-token training: the loss is the mean, over the tokens of a batch, of −log π(x_t | x_&lt;t), in nats.
 * What a step learns is a function of the seed and the step alone.
 */
final class TrainingLoop {
    private static final int SCORED = 256; // sequences measured together
    private static final int PATIENCE = 10; // steps in a row with a gradient that is not finite

    private final TrainablePolicy policy;
    private final Sequences sequences;
    private final CorpusTrainingSettings settings;
    private final BatchOrder order;

    TrainingLoop(TrainablePolicy policy, Sequences sequences, CorpusTrainingSettings settings, long seed) {
        this.policy = policy;
        this.sequences = sequences;
        this.settings = settings;
        this.order =
                new BatchOrder(seed, sequences.train().size(), settings.pace().batch());
    }

    /** What is told of a run as it goes. */
    interface StepListener {
        /** Keeps nothing: another process does. */
        StepListener NONE = new StepListener() {
            @Override
            public void measured(Point point) {}

            @Override
            public void keep(long steps) {}

            @Override
            public void skipped(long step, String why) {}

            @Override
            public boolean isStopped() {
                return false;
            }
        };

        /** Figures of a step, the mean since the last time. */
        void measured(Point point) throws IOException;

        /** The policy has taken so many steps and is to be kept. */
        void keep(long steps) throws IOException;

        /** A step was not taken. */
        void skipped(long step, String why);

        /** Whether the step that was taken is to be the last for now; asked once a step. */
        boolean isStopped();
    }

    /**
     * Takes the steps from a number of them to the last, or until it is stopped; the policy is kept then too.
     *
     * @return whether it was stopped, and after how many steps
     */
    OptionalLong run(long from, StepListener listener) throws IOException {
        Window window = new Window();
        int skipped = 0;
        for (long done = from + 1; done <= settings.pace().steps(); done++) {
            List<Continuation> batch = batch(done - 1);
            StepReport report = policy.step(batch, nextToken(batch));
            skipped = report.taken() ? 0 : skipped + 1;
            if (skipped > 0) {
                listener.skipped(done, "its gradient is " + report.gradientNorm());
            }
            if (skipped == PATIENCE) {
                throw new IOException("the gradients of " + PATIENCE + " steps in a row, up to step " + done
                        + ", are not finite; a lower learning rate may help");
            }
            window.add(report);
            boolean stopped = listener.isStopped();
            boolean last = done == settings.pace().steps();
            if (stopped || last || done % settings.measuring().logEvery() == 0) {
                listener.measured(window.point(done));
            }
            if (!sequences.validation().isEmpty()
                    && (last || done % settings.measuring().evaluateEvery() == 0)) {
                listener.measured(new Point(done, Map.of("validation_loss", loss(policy, sequences.validation()))));
            }
            if (stopped || last || done % settings.measuring().checkpointEvery() == 0) {
                listener.keep(done);
            }
            if (stopped) {
                return OptionalLong.of(done);
            }
        }
        return OptionalLong.empty();
    }

    private List<Continuation> batch(long step) {
        List<Continuation> batch = new ArrayList<>();
        for (int index : order.at(step)) {
            batch.add(sequences.train().get(index));
        }
        return batch;
    }

    /** Ascends the mean log-probability of the batch's tokens. */
    private static SequenceObjective nextToken(List<Continuation> batch) {
        return SequenceObjective.uniform(1.0 / Math.max(1, Sequences.tokens(batch)));
    }

    /** The mean loss over sequences, nats a token. */
    static double loss(PredictiveModel model, List<Continuation> sequences) {
        double sum = 0;
        for (int from = 0; from < sequences.size(); from += SCORED) {
            for (double[] terms : model.logProbs(sequences.subList(from, Math.min(sequences.size(), from + SCORED)))) {
                sum -= Arrays.stream(terms).sum();
            }
        }
        return sum / Math.max(1, Sequences.tokens(sequences));
    }

    /** The steps since the last line of the metrics. */
    private static final class Window {
        private long began = System.nanoTime();
        private int steps;
        private long tokens;
        private double loss;
        private double norm;
        private double rate;

        void add(StepReport report) {
            steps++;
            for (double[] terms : report.logProbs()) {
                tokens += terms.length;
                loss -= Arrays.stream(terms).sum();
            }
            norm += report.gradientNorm();
            rate = report.learningRate();
        }

        Point point(long step) {
            double seconds = (System.nanoTime() - began) / 1e9;
            Map<String, Double> values = new LinkedHashMap<>();
            values.put("loss", loss / Math.max(1, tokens));
            values.put("gradient_norm", norm / steps);
            values.put("learning_rate", rate);
            values.put("tokens", (double) tokens);
            values.put("tokens_per_second", tokens / seconds);
            values.put("seconds_per_step", seconds / steps);
            began = System.nanoTime();
            steps = 0;
            tokens = 0;
            loss = 0;
            norm = 0;
            return new Point(step, values);
        }
    }
}
