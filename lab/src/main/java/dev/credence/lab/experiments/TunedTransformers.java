package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.model.Continuation;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.torch.training.TransformerPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Methods at work on small transformers that have learnt a world ({@link EnumeratedTransformer}), on drawn texts. What is tuned comes back as
 * the table of all its strings. A method is told to go as far as the table of the same prior goes to a KL, or is stopped there.
 */
final class TunedTransformers {
    /** Methods that can be asked for. */
    static final List<String> METHODS =
            List.of("best-of-n", "feedme", "rloo", "reinforce", "ppo", "grpo", "dr-grpo", "dpo", "ipo", "distil");

    private static final Set<String> POSTERIOR = Set.of("rloo", "reinforce", "dpo", "distil"); // what they aim at
    private static final Set<String> STOPPED = Set.of("ppo", "dr-grpo"); // they have no penalty here
    private static final String BEST_OF_N = "best-of-n";

    private final ExperimentSettings settings;
    private final Listener listener;
    private final Map<String, Optional<Order>> orders = new HashMap<>(); // by method, world and KL

    TunedTransformers(ExperimentSettings settings, Listener listener) {
        this.settings = settings;
        this.listener = listener;
    }

    /** The keys that say how such transformers are trained and tuned, an experiment's own standards in them. */
    static List<ExperimentKey> settings(long seeds, long steps) {
        return new ArrayList<>(List.of(
                ExperimentKey.word(
                        "transformer",
                        List.of("no", "yes"),
                        "whether transformers that have learnt the world are tuned too"),
                ExperimentKey.whole("transformer.seeds", seeds, 2, 100, "transformers, for the intervals"),
                ExperimentKey.whole(
                        "transformer.learning",
                        300,
                        1,
                        1_000_000,
                        "steps of 64 texts in which each learns the world before it is tuned"),
                ExperimentKey.whole("transformer.steps", steps, 1, 1_000_000, "steps of each tuning"),
                ExperimentKey.whole(
                        "transformer.samples", 64, 2, 100_000, "texts a prompt that a step of tuning draws"),
                ExperimentKey.number("transformer.lr", ".003", 1e-9, 10, "learning rate of the tuning, AdamW")));
    }

    boolean isAsked() {
        return settings.text("transformer").equals("yes");
    }

    /** A transformer that has learnt a world; the caller closes it. */
    EnumeratedTransformer learnt(String key, String name, TableModel world, long seed) {
        return EnumeratedTransformer.trained(
                key,
                name,
                world,
                new SmallTransformer.Training(settings.count("transformer.learning"), 64, 0.01),
                seed,
                listener);
    }

    /** Seeds of the transformers. */
    long[] seeds() {
        long[] seeds = new long[settings.count("transformer.seeds")];
        Arrays.setAll(seeds, i -> settings.whole("seed") + i);
        return seeds;
    }

    /**
     * How a method is told to come to a KL.
     *
     * @param method by the name it trains under
     * @param options of it
     * @param stop KL at which it is stopped, nats; ∞ where it ends by itself
     * @param limit what it comes to on a prior where all is learnt; null where nothing is known of it
     */
    private record Order(
            String method,
            MethodOptions options,
            double stop,
            @Nullable Limit limit) {}

    /** What a method comes to on a prior. */
    private interface Limit {
        @Nullable
        TableModel on(TableModel prior, RewardFunction reward);
    }

    /**
     * A method at its end.
     *
     * @param policy on all prompts; null where it cannot be told to come to the KL, or does not come there
     * @param limit what it comes to on the trained prompts where all is learnt; null where nothing is known of it
     */
    record Tuned(@Nullable TableModel policy, @Nullable TableModel limit) {}

    /**
     * A method told to come to a KL from the prior, by what takes the world's own table there.
     *
     * @param name of {@link #METHODS}
     * @param model the prior
     * @param world what it has learnt
     * @param place the same, with the model's own prior and the reward of all its strings
     * @param nats the KL
     * @param seed of its draws
     */
    Tuned toKl(
            String name, EnumeratedTransformer model, AuditedPlace world, AuditedPlace place, double nats, long seed) {
        Order order = orders.computeIfAbsent(
                        String.join("\n", name, world.name(), Double.toString(nats)),
                        key -> Optional.ofNullable(order(name, world.trained(), world.reward(), nats)))
                .orElse(null);
        if (order == null) {
            return new Tuned(null, null);
        }
        TableModel policy = kept(
                String.join("\n", name, world.name(), Double.toString(nats), Long.toString(seed)),
                model,
                () -> tuned(order, model, place.trained().prompts(), place.reward(), seed));
        return new Tuned(policy, order.limit == null ? null : order.limit.on(place.trained(), place.reward()));
    }

    /** A policy over all strings, or that there is none, kept as log-probabilities; both ways it is read from these. */
    private @Nullable TableModel kept(String part, EnumeratedTransformer model, Supplier<@Nullable TableModel> policy) {
        String name = part.replaceAll("[^\\w.-]+", "_") + "-" + Integer.toHexString(part.hashCode());
        double[] logs = listener.part(name, () -> {
            TableModel done = policy.get();
            return done == null
                    ? new double[0]
                    : done.prompts().stream()
                            .flatMapToDouble(
                                    prompt -> Arrays.stream(done.given(prompt).logProbabilities()))
                            .toArray();
        });
        if (logs.length == 0) {
            return null;
        }
        int[] at = {0};
        return model.prior().map((prompt, texts) -> {
            int from = at[0];
            at[0] += texts.size();
            return Distribution.ofLogWeights(texts.outcomes(), Arrays.copyOfRange(logs, from, at[0]));
        });
    }

    /**
     * A method with its own settings, run to the end of its steps.
     *
     * @param part what it is for, no other's
     * @param name of a method that trains
     * @param options of it
     * @param model the prior
     * @param reward of all strings
     * @param seed of its draws
     * @return its policy on all prompts
     */
    TableModel with(
            String part,
            String name,
            MethodOptions options,
            EnumeratedTransformer model,
            RewardFunction reward,
            long seed) {
        Order order = new Order(name, options, Double.POSITIVE_INFINITY, null);
        TableModel policy = kept(
                String.join("\n", part, name, Long.toString(seed)),
                model,
                () -> tuned(order, model, model.prior().prompts(), reward, seed));
        if (policy == null) {
            throw new IllegalStateException(name + " was not to be stopped");
        }
        return policy;
    }

    /**
     * One that imitates draws of a target, on all its prompts.
     *
     * @param part what it is for, no other's
     * @param model the prior
     * @param target what is imitated
     * @param seed of the draws
     * @return its policy
     */
    TableModel imitating(String part, EnumeratedTransformer model, TableModel target, long seed) {
        return Objects.requireNonNull(
                kept(String.join("\n", part, Long.toString(seed)), model, () -> imitated(model, target, seed)));
    }

    private TableModel imitated(EnumeratedTransformer model, TableModel target, long seed) {
        int steps = settings.count("transformer.steps");
        int samples = settings.count("transformer.samples");
        Optimiser falling = Optimiser.adamW(LearningRate.cosine(settings.number("transformer.lr"), 0, steps, 0));
        Map<String, List<Continuation>> strings = new LinkedHashMap<>();
        target.prompts().forEach(prompt -> strings.put(prompt, model.strings(prompt)));
        SplittableRandom random = new SplittableRandom(seed);
        try (TransformerPolicy policy = model.begin(falling)) {
            for (int step = 0; step < steps; step++) {
                requireGoing();
                List<Continuation> batch = new ArrayList<>();
                strings.forEach((prompt, all) -> {
                    for (int i = 0; i < samples; i++) {
                        batch.add(all.get(target.given(prompt).sample(random)));
                    }
                });
                SmallTransformer.learn(policy, batch);
            }
            return model.table(policy.transformer());
        }
    }

    /** Ends where the listener has stopped. */
    void requireGoing() {
        if (listener.isStopped()) {
            throw new InterruptedRunException("stopped; it begins anew when it is run again");
        }
    }

    private static @Nullable Order order(String name, TableModel trained, RewardFunction reward, double nats) {
        if (STOPPED.contains(name)) {
            return new Order(name, MethodOptions.none().with("beta", 0), nats, null);
        }
        if (name.equals("feedme")) {
            return filter(trained, reward, nats);
        }
        BudgetedMethod method = BudgetedMethod.of(POSTERIOR.contains(name) ? "tilt" : name);
        BudgetedMethod.Met met = method.at(trained, trained, reward, nats, false);
        if (met == null) {
            return null;
        }
        Map<String, String> found = met.options().values();
        Limit limit = (prior, of) -> {
            BudgetedMethod.Met there = method.as(met.options(), prior, of);
            return there == null ? null : there.trained();
        };
        return name.equals(BEST_OF_N)
                ? new Order(
                        "expert-iteration",
                        MethodOptions.none().with("rounds", 1).with("n", found.getOrDefault("n", "1")),
                        Double.POSITIVE_INFINITY,
                        limit)
                : new Order(
                        name,
                        MethodOptions.none().with("beta", found.getOrDefault("beta", "1")),
                        Double.POSITIVE_INFINITY,
                        limit);
    }

    /** The threshold whose filter's KL is nearest. */
    private static @Nullable Order filter(TableModel trained, RewardFunction reward, double nats) {
        Order best = null;
        double nearest = Double.POSITIVE_INFINITY;
        for (double threshold : trained.prompts().stream()
                .flatMapToDouble(prompt -> Arrays.stream(reward.rewards(prompt, trained.given(prompt))))
                .distinct()
                .sorted()
                .toArray()) {
            MethodOptions options = MethodOptions.none().with("threshold", threshold);
            try {
                TableModel limit = TablePosterior.of(trained, reward, Paths.aim("feedme", options))
                        .model();
                double off = Math.abs(Math.log(Math.max(1e-9, kl(limit, trained)) / nats));
                if (off < nearest) {
                    nearest = off;
                    best = new Order(
                            "feedme",
                            options,
                            Double.POSITIVE_INFINITY,
                            (prior, of) -> TablePosterior.of(prior, of, Paths.aim("feedme", options))
                                    .model());
                }
            } catch (NoPosteriorException e) {
                break; // nothing passes behind some prompt, nor does it above
            }
        }
        return best;
    }

    /** Mean over the prompts of the second table of KL(policy‖prior), nats. */
    static double kl(TableModel policy, TableModel prior) {
        return prior.prompts().stream()
                .mapToDouble(prompt -> prior.weight(prompt) * Divergences.kl(policy.given(prompt), prior.given(prompt)))
                .sum();
    }

    private @Nullable TableModel tuned(
            Order order, EnumeratedTransformer model, List<String> prompts, RewardFunction reward, long seed) {
        int steps = settings.count("transformer.steps");
        int samples = settings.count("transformer.samples");
        double rate = settings.number("transformer.lr");
        boolean isStopped = order.stop < Double.POSITIVE_INFINITY;
        int updates = Paths.updates(order.method);
        LearningRate rates = isStopped
                ? LearningRate.constant(rate / updates)
                : LearningRate.cosine(rate, 0, (long) steps * updates, 0);
        TrainingSettings training = new TrainingSettings(steps, samples, Optimiser.adamW(rates), false, seed);
        MethodOptions options = order.options.with("steps", steps).with("samples", samples);
        MethodOptions given = updates == 1 ? options : options.with("epochs", updates);
        try (TransformerPolicy policy = model.begin(training.optimiser())) {
            Training run = ((TrainedConditioner) Methods.byName(order.method))
                    .begin(policy, model.task(prompts, reward), given, training);
            Supplier<TableModel> table = () -> model.table(policy.transformer());
            SplittableRandom random = new SplittableRandom(seed);
            for (int step = 0; step < steps; step++) {
                requireGoing();
                run.step(random);
                if (isStopped) {
                    TableModel now = table.get();
                    if (on(prompts, now, model.prior()) >= order.stop) {
                        return now;
                    }
                }
            }
            return isStopped ? null : table.get();
        }
    }

    /** Mean over some prompts of KL(policy‖prior), nats. */
    private static double on(List<String> prompts, TableModel policy, TableModel prior) {
        double weight = 0;
        double sum = 0;
        for (String prompt : prompts) {
            weight += prior.weight(prompt);
            sum += prior.weight(prompt) * Divergences.kl(policy.given(prompt), prior.given(prompt));
        }
        return sum / weight;
    }
}
