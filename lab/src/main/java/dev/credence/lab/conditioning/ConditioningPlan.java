package dev.credence.lab.conditioning;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.provenance.RecordOrigins;
import dev.credence.data.runs.RunRecord;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.runs.CheckpointInterval;
import dev.credence.lab.runs.RunMachine;
import dev.credence.methods.Conditioner;
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
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What conditioning a model by a method needs to know, in full: what a run's folder records of it, and what it goes on from.
 *
 * @param model the prior
 * @param prompts their file
 * @param horizon tokens after which texts are cut
 * @param begin whether prompts get the begin token
 * @param asking reward or evidence, and how strongly
 * @param auditSamples texts a prompt and model of a sampled audit
 * @param draws texts that a method which draws may take from the prior in all, or null for 200 a text; where given, such
 *     methods draw even if all texts could be listed
 * @param seed of the audit
 * @param care how the run is kept
 */
public record ConditioningPlan(
        String model,
        String prompts,
        int horizon,
        BeginToken begin,
        Asking asking,
        int auditSamples,
        @Nullable Long draws,
        long seed,
        Care care) {
    /** What a run's record says it is. */
    public static final String KIND = "condition";

    /** Settings of methods that name a file or a folder. */
    private static final Set<String> FILES = Set.of(DemonstrationFile.SETTING, "twist-from");

    /**
     * Checks what no model or prompt is needed for.
     *
     * @param model the prior
     * @param prompts their file
     * @param horizon tokens after which texts are cut, 1 or more
     * @param begin whether prompts get the begin token
     * @param asking reward or evidence, and how strongly
     * @param auditSamples texts a prompt and model of a sampled audit, 1 or more
     * @param draws texts that a method which draws may take, 1 or more, or null
     * @param seed of the audit
     * @param care how the run is kept
     * @throws InputException if a number is out of its range
     */
    public ConditioningPlan {
        requireAtLeastOne("horizon", horizon);
        requireAtLeastOne("audit samples", auditSamples);
        requireAtLeastOne("draws", draws == null ? 1 : draws);
    }

    static void requireCoefficient(double beta) {
        if (!(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("beta", String.valueOf(beta), "it must be a finite number, 0 or larger");
        }
    }

    private static void requireAtLeastOne(String name, long value) {
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
        return standard(model, prompts, new Asking(reward, null, 0.05, RewardType.SCORE));
    }

    /**
     * A plan with the standards for evidence that is seen once: β of 1.
     *
     * @param model the prior's folder
     * @param prompts a file, one a line
     * @param evidence in the words of docs/formats.md#evidence, each term with its reward
     * @return the plan
     */
    public static ConditioningPlan ofEvidence(String model, String prompts, String evidence) {
        return standard(model, prompts, new Asking(null, evidence, 1, RewardType.SCORE));
    }

    private static ConditioningPlan standard(String model, String prompts, Asking asking) {
        return new ConditioningPlan(
                absolute(model), absolute(prompts), 64, BeginToken.AUTO, asking, 1000, null, 1, Care.standard());
    }

    /** {@return the KL coefficient asked for} */
    public double beta() {
        return asking.beta();
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
                model, prompts, horizon, begin, asking.atKl(other), auditSamples, draws, seed, care);
    }

    /**
     * The same with texts cut elsewhere.
     *
     * @param tokens 1 or more
     * @return the plan
     * @throws InputException if there are fewer
     */
    public ConditioningPlan upTo(int tokens) {
        return new ConditioningPlan(model, prompts, tokens, begin, asking, auditSamples, draws, seed, care);
    }

    /**
     * The same with methods that draw, rather than list all texts, and how much they may draw.
     *
     * @param most texts of the prior in all, 1 or more
     * @return the plan
     * @throws InputException if there are fewer
     */
    public ConditioningPlan drawing(long most) {
        return new ConditioningPlan(model, prompts, horizon, begin, asking, auditSamples, most, seed, care);
    }

    /**
     * The same with so many texts in an audit that is sampled.
     *
     * @param texts of each prompt and model, 1 or more
     * @return the plan
     * @throws InputException if there are fewer
     */
    public ConditioningPlan auditing(int texts) {
        return new ConditioningPlan(model, prompts, horizon, begin, asking, texts, draws, seed, care);
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
        return new ModelConditioning.Question(model, read.weights(), horizon, begin, asking, auditSamples, draws, seed);
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
        return record(KIND, given.values(), settings(method, given), made);
    }

    /**
     * The same of several methods that are asked the same.
     *
     * @param methods in their order
     * @param given the settings of all, as typed
     * @param made version, command and inputs
     * @return the record of the run that they are parts of
     */
    public RunRecord record(List<Conditioner> methods, MethodOptions given, Provenance made) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(
                "method", methods.stream().map(method -> method.card().name()).collect(Collectors.joining(",")));
        describe(settings);
        return record(KeptMethods.KIND, KeptMethods.typed(given, methods), settings, made);
    }

    private RunRecord record(String kind, Map<String, String> typed, Map<String, String> settings, Provenance made) {
        List<String> arguments = new ArrayList<>(List.of(model));
        typed.forEach((name, value) -> arguments.add(name + "=" + (FILES.contains(name) ? absolute(value) : value)));
        return new RunRecord(
                kind,
                arguments,
                new Provenance(made.version(), made.command(), seed, settings, made.inputs()),
                RunMachine.ofModels(),
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
        SelfSelection.of(method, given).ifPresent(own -> {
            settings.put(RecordOrigins.GENERATED_BY, model);
            settings.put(RecordOrigins.SELECTED_BY, own.selectedBy());
        });
        describe(settings);
        return settings;
    }

    private void describe(Map<String, String> settings) {
        put(settings, "reward", asking.reward());
        put(settings, "evidence", asking.evidence());
        settings.put("reward-type", asking.rewardType().word());
        settings.put("asked-beta", Double.toString(asking.beta()));
        settings.put("prompts", prompts);
        settings.put("horizon", Integer.toString(horizon));
        settings.put("bos", begin.word());
        settings.put("audit-samples", Integer.toString(auditSamples));
        put(settings, "draws", draws);
        settings.put("checkpoint-every", care.every);
        settings.put("tensorboard", Boolean.toString(care.tensorboard));
        put(settings, "kl-limit", care.klLimit);
        put(settings, "ess-limit", care.essLimit);
        put(settings, "mlflow", care.mlflow);
    }

    /**
     * Refuses a method that is set to another coefficient than the plan: its training would not be for what is asked.
     *
     * @param method with its settings
     * @throws InputException if they contradict each other
     */
    void requireAgreement(TrainedConditioner method) {
        String own = method.settings().get("beta");
        if (own != null && Double.parseDouble(own) != asking.beta()) {
            throw InputException.ofSetting(
                    "beta",
                    own,
                    "it is the coefficient of " + method.card().name() + ", and the plan asks at " + asking.beta()
                            + ": give both the same");
        }
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
                new Asking(
                        settings.get("reward"),
                        settings.get("evidence"),
                        Double.parseDouble(text(settings, "asked-beta")),
                        RewardType.of(text(settings, "reward-type"))),
                Integer.parseInt(text(settings, "audit-samples")),
                settings.containsKey("draws") ? Long.valueOf(text(settings, "draws")) : null,
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

    static List<Conditioner> methods(RunRecord record) {
        return Methods.byNames(text(record.provenance().settings(), "method"));
    }

    static MethodOptions given(RunRecord record) {
        ConditioningPlan plan = of(record);
        MethodOptions given = MethodOptions.none().with(plan.asking.rewardType());
        for (String each : record.arguments().subList(1, record.arguments().size())) {
            int equals = each.indexOf('=');
            given = given.with(each.substring(0, equals), each.substring(equals + 1));
        }
        return DemonstrationFile.in(given);
    }
}
