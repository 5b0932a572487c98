package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.training.LearningRate;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingSettings;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ObjLongConsumer;

/**
 * Paths of methods through a place, every look audited exactly.
 *
 * @param <P> the place's policies
 */
final class Paths<P extends TrainablePolicy> {
    /** Those that train on drawn texts. */
    static final List<String> TRAINED = List.of("rloo", "ppo", "grpo", "dpo");

    static final String EXPERT_ITERATION = "expert-iteration";
    static final String BEST_OF_N = "best-of-n";

    private static final int PPO_EPOCHS = 4;
    private static final int MOST_DRAWS = 64;
    private static final int MOST_ROUNDS = 1000;

    private final Place<P> place;
    private final Grid grid;

    Paths(Place<P> place, Grid grid) {
        this.place = place;
        this.grid = grid;
    }

    /** How many updates of the policy a step of a method makes. */
    static int updates(String method) {
        return method.equals("ppo") ? PPO_EPOCHS : 1;
    }

    /** Whether a method can be asked for this coefficient: preferences have no fit at β = 0. */
    static boolean hears(String method, double beta) {
        return beta > 0 || !method.equals("dpo");
    }

    /** A method that trains; each seed's policy is handed over at its end, before it is closed. */
    List<PathPoint> trained(String name, double beta, ObjLongConsumer<P> atEnd) {
        PathRecorder recorder = recorder(name, beta);
        TrainedConditioner method = (TrainedConditioner) Methods.byName(name);
        MethodOptions options = MethodOptions.none()
                .with("beta", beta)
                .with("steps", grid.steps())
                .with("samples", grid.samples());
        MethodOptions given = updates(name) == 1 ? options : options.with("epochs", updates(name));
        for (long seed = 1; seed <= grid.seeds(); seed++) {
            TrainingSettings settings = settings(name, seed);
            try (P policy = place.begin(settings.optimiser())) {
                Training training = method.begin(policy, place.task(), given, settings);
                SplittableRandom random = new SplittableRandom(seed);
                for (int step = 1; step <= grid.steps(); step++) {
                    training.step(random);
                    if (PathRecorder.isLookedAt(step, grid.steps())) {
                        recorder.add(step, place.look(policy, beta));
                    }
                }
                atEnd.accept(policy, seed);
            }
        }
        return recorder.points();
    }

    /** The rate falls over all updates, of which a step may make several. */
    private TrainingSettings settings(String name, long seed) {
        LearningRate falling = LearningRate.cosine(grid.rate(), 0, (long) grid.steps() * updates(name), 0);
        return new TrainingSettings(grid.steps(), grid.samples(), Optimiser.adamW(falling), false, seed);
    }

    /** Best of 2, 4, … draws, as exact probabilities; β is not heard. */
    List<PathPoint> bestOf(double beta) {
        PathRecorder recorder = recorder(BEST_OF_N, beta);
        for (int n = 2; n <= MOST_DRAWS; n *= 2) {
            recorder.add(n, place.look(aim(BEST_OF_N, MethodOptions.none().with("n", n)), beta));
        }
        return recorder.points();
    }

    /** Rounds of a filter that accepts with e^{r − r_max}, 1/β of them, each imitated without error. */
    List<PathPoint> expertIteration(double beta) {
        PathRecorder recorder = recorder(EXPERT_ITERATION, beta);
        long rounds = beta > 0 ? Math.max(1, Math.round(1 / beta)) : MOST_ROUNDS;
        for (long round = 1; round <= rounds; round++) {
            if (PathRecorder.isLookedAt(round, rounds)) {
                MethodOptions options = MethodOptions.none().with("rounds", round);
                recorder.add(round, place.look(aim(EXPERT_ITERATION, options), beta));
            }
        }
        return recorder.points();
    }

    /** The evidence that an exact method conditions on. */
    static RewardLikelihood aim(String method, MethodOptions options) {
        return Objects.requireNonNull(Methods.byName(method).aim(options).ofReward());
    }

    private PathRecorder recorder(String method, double beta) {
        return new PathRecorder(place.name(), place.reading(), beta, method);
    }
}
