package dev.credence.lab.conditioning;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.runs.RunRecord;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.runs.CheckpointInterval;
import dev.credence.lab.runs.RunFiles;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.TrainingLimits;
import dev.credence.methods.training.TrainingSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What conditioning a model by a method needs to know, in full: what a run's folder records of it, and what it goes on from.
 *
 * @param model the prior
 * @param prompts their file
 * @param horizon tokens after which texts are cut
 * @param begin whether prompts get the begin token
 * @param reward of the texts
 * @param beta the KL coefficient asked for
 * @param rewardType what the reward is
 * @param auditSamples texts a prompt and model of a sampled audit
 * @param seed of the audit
 * @param care how the run is kept
 */
public record ConditioningPlan(
        String model,
        String prompts,
        int horizon,
        BeginToken begin,
        String reward,
        double beta,
        RewardType rewardType,
        int auditSamples,
        long seed,
        Care care) {
    /** What a run's record says it is. */
    public static final String KIND = "condition";

    /**
     * Checks what no model or prompt is needed for.
     *
     * @param model the prior
     * @param prompts their file
     * @param horizon tokens after which texts are cut, 1 or more
     * @param begin whether prompts get the begin token
     * @param reward of the texts
     * @param beta the KL coefficient asked for, ≥ 0
     * @param rewardType what the reward is
     * @param auditSamples texts a prompt and model of a sampled audit, 1 or more
     * @param seed of the audit
     * @param care how the run is kept
     * @throws InputException if a number is out of its range
     */
    public ConditioningPlan {
        requireCoefficient(beta);
        requireAtLeastOne("horizon", horizon);
        requireAtLeastOne("audit samples", auditSamples);
    }

    static void requireCoefficient(double beta) {
        if (!(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("beta", String.valueOf(beta), "it must be a finite number, 0 or larger");
        }
    }

    private static void requireAtLeastOne(String name, int value) {
        if (value < 1) {
            throw InputException.ofSetting(name, String.valueOf(value), "it must be a whole number of at least 1");
        }
    }

    /**
     * A plan with the standards: a horizon of 64 tokens, β of 0.05, 1,000 texts a sampled audit, seed 1.
     *
     * @param model the prior's folder
     * @param prompts a file, one a line
     * @param reward of the texts
     * @return the plan
     */
    public static ConditioningPlan of(String model, String prompts, String reward) {
        return new ConditioningPlan(
                absolute(model),
                absolute(prompts),
                64,
                BeginToken.AUTO,
                reward,
                0.05,
                RewardType.SCORE,
                1000,
                1,
                Care.standard());
    }

    /**
     * The same at another KL coefficient.
     *
     * @param other β ≥ 0; 1/β copies of the reward are asked for
     * @return the plan
     * @throws InputException if β is negative, infinite or NaN
     */
    public ConditioningPlan atKl(double other) {
        return new ConditioningPlan(
                model, prompts, horizon, begin, reward, other, rewardType, auditSamples, seed, care);
    }

    /**
     * The same with texts cut elsewhere.
     *
     * @param tokens 1 or more
     * @return the plan
     * @throws InputException if there are fewer
     */
    public ConditioningPlan upTo(int tokens) {
        return new ConditioningPlan(model, prompts, tokens, begin, reward, beta, rewardType, auditSamples, seed, care);
    }

    /**
     * How a run is kept, and when it has diverged.
     *
     * @param every steps or seconds between checkpoints, as typed
     * @param klLimit nats, or null for the standard
     * @param essLimit share of effective samples, or null for the standard
     * @param tensorboard whether metrics are event files too
     * @param mlflow a server that gets metrics too, or null
     */
    public record Care(
            String every,
            @Nullable Double klLimit,
            @Nullable Double essLimit,
            boolean tensorboard,
            @Nullable String mlflow) {
        /** {@return a checkpoint a minute, the standard limits, no metrics elsewhere} */
        public static Care standard() {
            return new Care("60s", null, null, false, null);
        }

        PolicyRun.Keeping keeping() {
            return new PolicyRun.Keeping(CheckpointInterval.parse(every), tensorboard, mlflow);
        }

        TrainingLimits limits(TrainingLimits standard) {
            return new TrainingLimits(
                    klLimit == null ? standard.kl() : klLimit, essLimit == null ? standard.effective() : essLimit);
        }
    }

    /**
     * The name of a file or folder from any working folder.
     *
     * @param name as given
     * @return its whole name; what is neither, such as BASE+ADAPTER, stays
     */
    public static String absolute(String name) {
        Path path = Path.of(name);
        return Files.exists(path) ? path.toAbsolutePath().normalize().toString() : name;
    }

    /**
     * What is asked, with the prompts of the file.
     *
     * @param read the prompts
     * @return the question
     */
    public ModelConditioning.Question question(Prompts read) {
        return new ModelConditioning.Question(
                model, read.weights(), horizon, begin, reward, beta, rewardType, auditSamples, seed);
    }

    /**
     * What the run's folder says: what was typed as arguments, to go on by; all that is in force as settings.
     *
     * @param method the method
     * @param given its settings as typed
     * @param made version, command and inputs
     * @return the record
     */
    public RunRecord record(TrainedConditioner method, MethodOptions given, Provenance made) {
        List<String> arguments = new ArrayList<>(List.of(model));
        given.values()
                .forEach((name, value) ->
                        arguments.add(name + "=" + (name.equals(DemonstrationFile.SETTING) ? absolute(value) : value)));
        Provenance provenance =
                new Provenance(made.version(), made.command(), seed, settings(method, given), made.inputs());
        return new RunRecord(
                KIND,
                arguments,
                provenance,
                RunFiles.machine(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private Map<String, String> settings(TrainedConditioner method, MethodOptions given) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("method", method.card().name());
        settings.putAll(method.inForce(given));
        settings.put(
                "steps",
                Integer.toString(
                        method.settings(given, TrainingSettings.Place.MODEL).steps()));
        settings.put("reward", reward);
        settings.put("reward-type", rewardType.word());
        settings.put("asked-beta", Double.toString(beta));
        settings.put("prompts", prompts);
        settings.put("horizon", Integer.toString(horizon));
        settings.put("bos", begin.word());
        settings.put("audit-samples", Integer.toString(auditSamples));
        settings.put("checkpoint-every", care.every);
        settings.put("tensorboard", Boolean.toString(care.tensorboard));
        put(settings, "kl-limit", care.klLimit);
        put(settings, "ess-limit", care.essLimit);
        put(settings, "mlflow", care.mlflow);
        return settings;
    }

    private static void put(Map<String, String> settings, String name, @Nullable Object value) {
        if (value != null) {
            settings.put(name, value.toString());
        }
    }

    /** The plan that a run's folder records. */
    static ConditioningPlan of(RunRecord record) {
        Map<String, String> settings = record.provenance().settings();
        return new ConditioningPlan(
                record.arguments().get(0),
                text(settings, "prompts"),
                Integer.parseInt(text(settings, "horizon")),
                BeginToken.of(text(settings, "bos")),
                text(settings, "reward"),
                Double.parseDouble(text(settings, "asked-beta")),
                RewardType.of(text(settings, "reward-type")),
                Integer.parseInt(text(settings, "audit-samples")),
                record.provenance().seed(),
                new Care(
                        text(settings, "checkpoint-every"),
                        number(settings.get("kl-limit")),
                        number(settings.get("ess-limit")),
                        Boolean.parseBoolean(text(settings, "tensorboard")),
                        settings.get("mlflow")));
    }

    private static String text(Map<String, String> settings, String name) {
        String value = settings.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "the run's record has no setting '" + name + "'; it is of another version");
        }
        return value;
    }

    private static @Nullable Double number(@Nullable String text) {
        return text == null ? null : Double.valueOf(text);
    }

    static TrainedConditioner method(RunRecord record) {
        String name = text(record.provenance().settings(), "method");
        if (Methods.byName(name) instanceof TrainedConditioner method) {
            return method;
        }
        throw new IllegalArgumentException("the run's record names the method '" + name + "', which does not train");
    }

    static MethodOptions given(RunRecord record) {
        ConditioningPlan plan = of(record);
        MethodOptions given = MethodOptions.none().with(plan.rewardType);
        for (String each : record.arguments().subList(1, record.arguments().size())) {
            int equals = each.indexOf('=');
            given = given.with(each.substring(0, equals), each.substring(equals + 1));
        }
        return DemonstrationFile.in(given);
    }
}
