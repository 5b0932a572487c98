package dev.credence.methods;

import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.NoPosteriorException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;

/** The frame of the methods that draw from a model: the prior's completions with their log-likelihoods, a batch at a time. */
final class ModelDraws implements ConditionedModel {
    private static final int BATCH = 256;
    private static final int LEAST = 16; // a batch of few texts is as slow as one of many

    private final PredictiveModel prior;
    private final DrawnEvidence asked;
    private final int horizon;
    private final Aim aim;
    private final Procedure procedure;

    /** A method's procedure on the draws of one prompt. */
    @FunctionalInterface
    interface Procedure {
        /**
         * The policy's sampler.
         *
         * @param drawn completions of the prior
         * @param upper no log-likelihood is larger, nats
         * @return the sampler
         */
        Sampler<Text> of(Sampler<Text> drawn, double upper);
    }

    /**
     * A conditioned model.
     *
     * @param prior the model
     * @param asked the evidence
     * @param horizon tokens after which texts are cut, at least 1
     * @param aim what the procedure's draws are distributed as
     * @param procedure the method's
     */
    ModelDraws(PredictiveModel prior, DrawnEvidence asked, int horizon, Aim aim, Procedure procedure) {
        this.prior = prior;
        this.asked = asked;
        this.horizon = horizon;
        this.aim = aim;
        this.procedure = procedure;
    }

    @Override
    public Aim aim() {
        return aim;
    }

    @Override
    public Drawn sample(int[] prompt, int n, long mostDraws, RandomGenerator random) {
        PriorDraws drawn = new PriorDraws(prompt, mostDraws, Math.min(BATCH, Math.max(LEAST, n)));
        Sampler<Text> policy = procedure.of(drawn, asked.upper(prompt));
        List<Text> texts = new ArrayList<>();
        boolean isSpent = false;
        try {
            while (texts.size() < n) {
                texts.add(policy.sample(random));
            }
        } catch (SpentException e) {
            isSpent = true;
        }
        return new Drawn(
                texts,
                drawn.taken,
                drawn.taken + drawn.ready.size(),
                drawn.seen.build().toArray(),
                isSpent);
    }

    /** The budget is spent in the middle of a text. */
    private static final class SpentException extends RuntimeException {
        private static final long serialVersionUID = 1;

        SpentException() {
            super("the budget is spent", null, false, false);
        }
    }

    /** Completions of one prompt, drawn and asked in batches. */
    private final class PriorDraws implements Sampler<Text> {
        private final int[] prompt;
        private final long most;
        private final int batch;
        private final Deque<Text> ready = new ArrayDeque<>();
        private final DoubleStream.Builder seen = DoubleStream.builder();
        private long taken;

        PriorDraws(int[] prompt, long most, int batch) {
            this.prompt = prompt;
            this.most = most;
            this.batch = batch;
        }

        @Override
        public Text sample(RandomGenerator random) {
            if (taken == most) {
                throw new SpentException();
            }
            if (ready.isEmpty()) {
                List<Sample> next =
                        prior.sample(prompt, (int) Math.min(batch, most - taken), Sampling.upTo(horizon), random);
                double[] logLikelihoods = asked.logLikelihoods(prompt, next);
                for (int i = 0; i < logLikelihoods.length; i++) {
                    if (!(logLikelihoods[i] < Double.POSITIVE_INFINITY)) {
                        throw new NoPosteriorException("log-likelihood of a drawn completion is " + logLikelihoods[i]
                                + "; it must be a number below infinity");
                    }
                    ready.add(new Text(next.get(i), logLikelihoods[i]));
                }
            }
            taken++;
            Text text = ready.remove();
            seen.add(text.logLikelihood());
            return text;
        }
    }
}
