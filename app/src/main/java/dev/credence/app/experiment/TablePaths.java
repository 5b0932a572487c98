package dev.credence.app.experiment;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.TableModel;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TableTasks;
import dev.credence.methods.training.TabularPolicy;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.Training;
import dev.credence.methods.training.TrainingSettings;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Training paths of methods on a table, every look audited exactly. */
final class TablePaths {
    private final TableModel prior;
    private final String reading;
    private final RewardFunction reward;
    private final int steps;
    private final int seeds;

    TablePaths(TableModel prior, String reading, RewardFunction reward, int steps, int seeds) {
        this.prior = prior;
        this.reading = reading;
        this.reward = reward;
        this.steps = steps;
        this.seeds = seeds;
    }

    /** The path of a method that trains, on drawn texts. */
    List<PathPoint> trained(String name, double beta) {
        PathRecorder recorder = new PathRecorder("table", reading, beta, name);
        TrainedConditioner method = (TrainedConditioner) Methods.byName(name);
        for (int seed = 1; seed <= seeds; seed++) {
            MethodOptions options =
                    MethodOptions.none().with("beta", beta).with("steps", steps).with("samples", 32);
            TrainingSettings settings = method.settings(options, TrainingSettings.Place.TABLE);
            try (TabularPolicy policy = new TabularPolicy(prior, settings.optimiser())) {
                Training training = method.begin(policy, TableTasks.of(prior, reward), options, settings);
                SplittableRandom random = new SplittableRandom(seed);
                for (int step = 1; step <= steps; step++) {
                    training.step(random);
                    if (PathRecorder.isLookedAt(step, steps)) {
                        recorder.add(step, audit(policy.table(), beta));
                    }
                }
            }
        }
        return recorder.points();
    }

    /** Best of 1, 2, 4, … draws; β is not heard. */
    List<PathPoint> bestOf(double beta, int most) {
        PathRecorder recorder = new PathRecorder("table", reading, beta, "best-of-n");
        Conditioner method = Methods.byName("best-of-n");
        for (int n = 2; n <= most; n *= 2) {
            MethodOptions options = MethodOptions.none().with("n", n);
            recorder.add(n, audit(method.condition(prior, reward, options).policy(), beta));
        }
        return recorder.points();
    }

    /** Rounds of a soft filter that accepts with e^{r − r_max}: each is one copy; β is not heard. */
    List<PathPoint> expertIteration(double beta, int rounds) {
        PathRecorder recorder = new PathRecorder("table", reading, beta, "expert-iteration");
        Conditioner method = Methods.byName("expert-iteration");
        for (int round = 1; round <= rounds; round++) {
            if (PathRecorder.isLookedAt(round, rounds)) {
                MethodOptions options = MethodOptions.none().with("rounds", round);
                recorder.add(
                        round, audit(method.condition(prior, reward, options).policy(), beta));
            }
        }
        return recorder.points();
    }

    private StepAudit audit(TableModel policy, double beta) {
        return Audit.of(prior, policy, Map.of("reward", reward), AuditOptions.atBeta("reward", beta));
    }
}
