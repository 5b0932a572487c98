package dev.credence.app.model;

import dev.credence.core.model.Sample;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rewards.ScoredText;
import dev.credence.hub.BeginToken;
import dev.credence.hub.HubModel;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.TrainingRun;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.methods.training.TrainingStep;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.Trainable;
import dev.credence.torch.TransformerPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Tunes a copy of an open model by a method. */
public final class PolicyTraining {
    private static final double REPORTS = 10;

    private final OpenModel prior;
    private final TrainingTask task;

    /**
     * A task on a model.
     *
     * @param prior the model, which stays as it is
     * @param prompts prompt to weight
     * @param begin whether prompts get the begin token
     * @param reward of the texts
     * @param horizon tokens after which texts are cut
     */
    public PolicyTraining(
            OpenModel prior, Map<String, Double> prompts, BeginToken begin, RewardExpression reward, int horizon) {
        this.prior = prior;
        List<TrainingTask.Prompt> all = new ArrayList<>();
        prompts.forEach((text, weight) -> all.add(new TrainingTask.Prompt(text, prior.prompt(text, begin), weight)));
        HubModel texts = prior.texts();
        this.task = new TrainingTask(all, (prompt, samples) -> rewards(texts, reward, prompt, samples), horizon, null);
    }

    /** {@return what is trained on} */
    public TrainingTask task() {
        return task;
    }

    private static double[] rewards(
            HubModel texts, RewardExpression reward, TrainingTask.Prompt prompt, List<Sample> samples) {
        List<Drawn> drawn = new ArrayList<>(samples.size());
        for (Sample sample : samples) {
            drawn.add(new Drawn(prompt.text(), texts.text(sample), sample.tokens().length));
        }
        return reward.evaluateAll(drawn);
    }

    /**
     * A tuned policy.
     *
     * @param policy the policy; closed with this
     * @param last the last step taken
     * @param seconds of training
     */
    public record Tuned(TransformerPolicy policy, TrainingStep last, double seconds) implements AutoCloseable {
        @Override
        public void close() {
            policy.close();
        }
    }

    /**
     * Trains.
     *
     * @param method the method
     * @param options its options
     * @param settings how long and how fast
     * @param progress takes a line from time to time
     * @return the policy; the caller closes it, before the prior
     * @throws dev.credence.methods.training.TrainingDivergedException if a gradient is not finite
     */
    public Tuned run(
            TrainedConditioner method, MethodOptions options, TrainingSettings settings, Consumer<String> progress) {
        TransformerPolicy policy = TransformerPolicy.of(prior.transformer(), Trainable.all(), settings.optimiser());
        try {
            long start = System.nanoTime();
            TrainingRun run = new TrainingRun(
                    method.begin(policy, task, options, settings), settings.steps(), method.stopAtKl(options));
            int every = (int) Math.max(1, Math.ceil(settings.steps() / REPORTS));
            TrainingRun.Outcome outcome = run.run(new SplittableRandom(settings.seed()), step -> {
                if (step.step() % every == 0) {
                    progress.accept(line(method.card().name(), step, settings.steps(), seconds(start)));
                }
            });
            double seconds = seconds(start);
            progress.accept(
                    method.card().name() + ": " + outcome.why() + String.format(Locale.ROOT, " (%.1f s)", seconds));
            return new Tuned(policy, outcome.last(), seconds);
        } catch (RuntimeException e) {
            policy.close();
            throw e;
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static String line(String method, TrainingStep step, int steps, double seconds) {
        double left = seconds / step.step() * (steps - step.step());
        return String.format(
                Locale.ROOT,
                "%s: step %,d of %,d, reward %.3f, KL from the prior %.3f nats, %.0f s left",
                method,
                step.step(),
                steps,
                step.reward(),
                step.kl(),
                left);
    }

    private record Drawn(String prompt, String completion, int tokens) implements ScoredText {
        @Override
        public double field(String name) {
            throw InputException.ofOption("--reward", "field:" + name, "a drawn text has no fields");
        }
    }
}
