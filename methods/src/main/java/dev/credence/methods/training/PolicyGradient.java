package dev.credence.methods.training;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.core.training.ValuedPolicy;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Range;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import dev.credence.methods.training.Surrogate.Average;
import dev.credence.methods.training.Surrogate.Baseline;
import dev.credence.methods.training.Surrogate.Ratio;
import dev.credence.methods.training.Surrogate.Scale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The policy-gradient methods: one objective, {@link Surrogate}, on rollouts of the policy. REINFORCE, RLOO, PPO, GRPO, Dr.
 * GRPO and DAPO are presets of it, and anything between them is a change of settings:
 *
 * <pre>{@code PolicyGradient.rloo().atKl(0.1).samples(64).steps(300)}</pre>
 *
 * @param preset what it began as
 * @param objective what a step ascends
 * @param adaptiveKl KL, nats a text, that β is steered to; empty for a β that stays
 * @param targetKl KL from the prior, nats a text, at which the run stops; empty for no such stop
 * @param resetReference steps of a stage, after which the penalty's reference becomes the policy as it is; empty for the prior
 * @param epochs updates on each batch of rollouts
 * @param valueRate learning rate of a value head; empty for the policy's
 * @param schedule how long and how fast
 */
public record PolicyGradient(
        Preset preset,
        Surrogate objective,

        @Setting(
                help = "KL in nats a text that the coefficient is steered to; without it the coefficient stays",
                unit = "nats a text",
                range = Range.POSITIVE)
        OptionalDouble adaptiveKl,

        @Setting(
                help = "stop at this KL from the prior, in nats a text",
                unit = "nats a text",
                range = Range.NOT_NEGATIVE)
        OptionalDouble targetKl,

        @Setting(
                help =
                        "steps of a stage, after which the penalty's reference becomes the policy as it is; {lr} falls anew in"
                                + " each. Without it the reference is always the prior",
                unit = "steps",
                range = Range.COUNT)
        OptionalInt resetReference,

        @Setting(help = "updates on each batch of rollouts", range = Range.COUNT)
        int epochs,

        @Setting(
                name = "value-lr",
                help =
                        "learning rate of the value head, with baseline value-head; falls as {lr} does, which it is without it",
                range = Range.NOT_NEGATIVE)
        OptionalDouble valueRate,

        Schedule schedule)
        implements TrainedConditioner, Scheduled<PolicyGradient> {
    /** Settings of every preset, in the order of a card; those of ratios and of single presets come behind them. */
    private static final List<String> OF_ALL =
            List.of("beta", "kl", "entropy", "gamma", "adaptive-kl", "target-kl", "reset-reference");

    private static final List<String> OF_RATIOS = List.of("epochs", "clip", "clip-high");

    /** The published methods. */
    public enum Preset {
        /** Williams 1992. */
        REINFORCE(
                "reinforce",
                "policy gradient by the score function, with a choice of baselines",
                "Williams 1992; docs/theory.md#policy-gradients"),
        /** Kool et al. 2019; Ahmadian et al. 2024. */
        RLOO(
                "rloo",
                "policy gradient with a leave-one-out baseline and the sequence KL in the reward",
                "Kool, van Hoof and Welling 2019; Ahmadian et al. 2024; docs/theory.md#policy-gradients"),
        /** Schulman et al. 2017; Ouyang et al. 2022. */
        PPO(
                "ppo",
                "clipped ratios over several epochs, KL in the reward; the batch's mean, a value a prompt or a value head",
                "Schulman et al. 2017; Ouyang et al. 2022; docs/theory.md#value-heads"),
        /** Shao et al. 2024. */
        GRPO(
                "grpo",
                "rewards standardised in each group, tokens averaged in each text, k3 in the loss",
                "Shao et al. 2024 (DeepSeekMath; beta 0.04); Zheng et al. 2025 for sequence ratios; docs/theory.md#standardised-rewards"),
        /** Liu et al. 2025. */
        DR_GRPO(
                "dr-grpo",
                "GRPO without the standard deviation and without the length average, no penalty",
                "Liu et al. 2025; docs/theory.md#policy-gradients"),
        /** Yu et al. 2025. */
        DAPO(
                "dapo",
                "GRPO with a wider upper clip and a mean over all tokens, no penalty",
                "Yu et al. 2025; docs/theory.md#standardised-rewards");

        private final String word;
        private final String summary;
        private final String reference;

        Preset(String word, String summary, String reference) {
            this.word = word;
            this.summary = summary;
            this.reference = reference;
        }

        private PolicyGradient standard() {
            return switch (this) {
                case REINFORCE -> reinforce();
                case RLOO -> rloo();
                case PPO -> ppo();
                case GRPO -> grpo();
                case DR_GRPO -> drGrpo();
                case DAPO -> dapo();
            };
        }

        /** Baselines that its card offers; none where it has its own and no other. */
        private List<Baseline> baselines() {
            return switch (this) {
                case REINFORCE -> List.of(Baseline.NONE, Baseline.BATCH_MEAN, Baseline.GROUP_MEAN);
                case PPO -> List.of(Baseline.BATCH_MEAN, Baseline.VALUE, Baseline.VALUE_HEAD);
                default -> List.of();
            };
        }
    }

    /**
     * Checks the settings; whether they go together is asked where they are used, as they are set one by one.
     *
     * @param preset any
     * @param objective any
     * @param adaptiveKl positive and finite
     * @param targetKl finite, at least 0
     * @param resetReference at least 1
     * @param epochs at least 1
     * @param valueRate finite, at least 0
     * @param schedule any
     */
    public PolicyGradient {
        Settings.check(
                PolicyGradient.class,
                preset,
                objective,
                adaptiveKl,
                targetKl,
                resetReference,
                epochs,
                valueRate,
                schedule);
    }

    /** RLOO. */
    public PolicyGradient() {
        this(Preset.RLOO, rloo().objective, 1);
    }

    private PolicyGradient(Preset preset, Surrogate objective, int epochs) {
        this(
                preset,
                objective,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                epochs,
                OptionalDouble.empty(),
                Schedule.STANDARD);
    }

    /**
     * REINFORCE (Williams 1992): the score function times the return less the mean of all returns.
     *
     * @return its standard settings
     */
    public static PolicyGradient reinforce() {
        return new PolicyGradient(Preset.REINFORCE, Surrogate.onPolicy(Baseline.BATCH_MEAN, KlPlacement.REWARD_K1), 1);
    }

    /**
     * RLOO (Kool et al. 2019; Ahmadian et al. 2024): the mean of the prompt's other draws as baseline, KL summed in the reward.
     * At the posterior every advantage is zero, so that the noise of the gradient ends where it aims.
     *
     * @return its standard settings
     */
    public static PolicyGradient rloo() {
        return new PolicyGradient(Preset.RLOO, Surrogate.onPolicy(Baseline.LEAVE_ONE_OUT, KlPlacement.REWARD_K1), 1);
    }

    /**
     * PPO (Schulman et al. 2017) as RLHF uses it (Ouyang et al. 2022): clipped ratios against the policy that drew, four updates a
     * batch. Clipping ties it to that policy, not to the prior. Its baseline is the batch's mean, or a value head.
     *
     * @return its standard settings
     */
    public static PolicyGradient ppo() {
        return new PolicyGradient(
                Preset.PPO,
                Surrogate.onPolicy(Baseline.BATCH_MEAN, KlPlacement.REWARD_K1).with("ratio", Ratio.TOKEN),
                4);
    }

    /**
     * GRPO as published (Shao et al. 2024): the group's standard deviation, the mean over each text's tokens, clipped ratios, k3
     * in the loss. It has a limit that is no posterior (docs/theory.md#standardised-rewards).
     *
     * @return its standard settings
     */
    public static PolicyGradient grpo() {
        return new PolicyGradient(Preset.GRPO, grouped(Scale.GROUP_STD, Average.PER_SEQUENCE, KlPlacement.LOSS_K3), 1);
    }

    /**
     * GRPO done right (Liu et al. 2025): neither the group's standard deviation nor the text's length divides; no KL unless asked.
     *
     * @return its standard settings
     */
    public static PolicyGradient drGrpo() {
        return new PolicyGradient(Preset.DR_GRPO, grouped(Scale.NONE, Average.CONSTANT, KlPlacement.NONE), 1);
    }

    /**
     * DAPO (Yu et al. 2025): ratios clipped higher above than below, mean over all tokens of the batch, no KL unless asked.
     * Groups of equal rewards have no advantage and so no weight.
     *
     * @return its standard settings
     */
    public static PolicyGradient dapo() {
        Surrogate objective = grouped(Scale.GROUP_STD, Average.PER_TOKEN, KlPlacement.NONE);
        return new PolicyGradient(Preset.DAPO, objective.with("clipHigh", 0.28), 1);
    }

    /** The mean of the prompt's draws as baseline, and token ratios. */
    private static Surrogate grouped(Scale scale, Average average, KlPlacement kl) {
        return Surrogate.onPolicy(Baseline.GROUP_MEAN, kl)
                .with("scale", scale)
                .with("ratio", Ratio.TOKEN)
                .with("average", average);
    }

    @Override
    public List<Conditioner> presets() {
        return Arrays.stream(Preset.values()).<Conditioner>map(Preset::standard).toList();
    }

    private PolicyGradient with(String component, Object value) {
        return Settings.of(PolicyGradient.class).with(this, component, value);
    }

    private PolicyGradient ascending(String component, Object value) {
        return with("objective", objective.with(component, value));
    }

    /**
     * At a KL coefficient.
     *
     * @param beta β ≥ 0; 0 is the limit on the best
     * @return a changed copy
     */
    public PolicyGradient atKl(double beta) {
        return ascending("beta", beta);
    }

    /**
     * With the penalty at another place.
     *
     * @param placement where it stands, and which estimator
     * @return a changed copy
     */
    public PolicyGradient kl(KlPlacement placement) {
        return ascending("kl", placement);
    }

    /**
     * With an entropy bonus.
     *
     * @param coefficient of the entropy of whole texts, at least 0
     * @return a changed copy
     */
    public PolicyGradient entropy(double coefficient) {
        return ascending("entropy", coefficient);
    }

    /**
     * With discounted rewards.
     *
     * @param discount a token, in (0, 1]
     * @return a changed copy
     */
    public PolicyGradient gamma(double discount) {
        return ascending("gamma", discount);
    }

    /**
     * With another baseline.
     *
     * @param baseline taken off the return
     * @return a changed copy
     */
    public PolicyGradient baseline(Baseline baseline) {
        return ascending("baseline", baseline);
    }

    /**
     * With λ of generalised advantage estimation, for a value head.
     *
     * @param lambda in (0, 1]
     * @return a changed copy
     */
    public PolicyGradient gaeLambda(double lambda) {
        return ascending("lambda", lambda);
    }

    /**
     * With a learning rate of the value head's own.
     *
     * @param rate finite, at least 0
     * @return a changed copy
     */
    public PolicyGradient valueLearningRate(double rate) {
        return with("valueRate", OptionalDouble.of(rate));
    }

    /**
     * With other advantages.
     *
     * @param scale what they are divided by
     * @return a changed copy
     */
    public PolicyGradient scale(Scale scale) {
        return ascending("scale", scale);
    }

    /**
     * With other importance ratios.
     *
     * @param ratio against the policy that drew
     * @return a changed copy
     */
    public PolicyGradient ratio(Ratio ratio) {
        return ascending("ratio", ratio);
    }

    /**
     * With another length normalisation.
     *
     * @param average over tokens
     * @return a changed copy
     */
    public PolicyGradient average(Average average) {
        return ascending("average", average);
    }

    /**
     * With ratios that count within 1 − clip and 1 + clip.
     *
     * @param clip finite, at least 0
     * @return a changed copy
     */
    public PolicyGradient clip(double clip) {
        return ascending("clip", clip).ascending("clipHigh", clip);
    }

    /**
     * With the upper bound apart: 1 + this.
     *
     * @param clip finite, at least 0
     * @return a changed copy
     */
    public PolicyGradient clipHigh(double clip) {
        return ascending("clipHigh", clip);
    }

    /**
     * With several updates on each batch of rollouts.
     *
     * @param updates at least 1
     * @return a changed copy
     */
    public PolicyGradient epochs(int updates) {
        return with("epochs", updates);
    }

    /**
     * With a β that is steered.
     *
     * @param nats the KL a text that it is steered to
     * @return a changed copy
     */
    public PolicyGradient adaptiveKl(double nats) {
        return with("adaptiveKl", OptionalDouble.of(nats));
    }

    /**
     * Stopped at a KL from the prior.
     *
     * @param nats a text
     * @return a changed copy
     */
    public PolicyGradient targetKl(double nats) {
        return with("targetKl", OptionalDouble.of(nats));
    }

    /**
     * In stages, each penalised against what the one before had reached; it needs {@link #steps}.
     *
     * @param steps of a stage
     * @return a changed copy
     */
    public PolicyGradient resetReference(int steps) {
        return with("resetReference", OptionalInt.of(steps));
    }

    @Override
    public PolicyGradient scheduled(Schedule other) {
        return with("schedule", other);
    }

    @Override
    public MethodCard card() {
        PolicyGradient standard = preset.standard();
        Map<String, MethodOption> all = Settings.of(PolicyGradient.class).options(standard).stream()
                .collect(Collectors.toMap(MethodOption::name, option -> option, (a, b) -> a, LinkedHashMap::new));
        List<MethodOption> options = names().stream()
                .map(name -> shown(Objects.requireNonNull(all.get(name), name)))
                .toList();
        return new MethodCard(preset.word, List.of(), preset.summary, preset.reference, options);
    }

    private MethodOption shown(MethodOption option) {
        if (!option.name().equals("baseline")) {
            return option;
        }
        return option.saying(
                preset == Preset.PPO
                        ? "taken off the return: batch (mean of all), value (each prompt's, learned from earlier steps), or"
                                + " value-head (of each state before a token; a head on a copy of the prior)"
                        : "taken off the return: none, batch (mean of all), group (mean of the prompt's)");
    }

    /** Settings that the preset's card has, in its order. */
    private List<String> names() {
        List<String> names = new ArrayList<>(OF_ALL);
        if (preset.standard().objective.ratio() != Ratio.NONE) {
            names.addAll(OF_RATIOS);
        }
        if (!preset.baselines().isEmpty()) {
            names.add("baseline");
        }
        if (preset == Preset.PPO) {
            names.addAll(List.of("gae-lambda", "value-lr"));
        }
        if (preset == Preset.GRPO) {
            names.add("ratio");
        }
        Settings.of(Schedule.class).options(schedule).forEach(option -> names.add(option.name()));
        return names;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> all = Settings.of(PolicyGradient.class).write(this);
        Map<String, String> own = new LinkedHashMap<>();
        names().stream().filter(all::containsKey).forEach(name -> own.put(name, all.getOrDefault(name, "")));
        return own;
    }

    /** A clip that is given alone is both bounds. */
    @Override
    public Conditioner with(MethodOptions given) {
        Map<String, String> own = new LinkedHashMap<>(given.values());
        own.keySet().retainAll(names());
        if (own.containsKey("clip")) {
            own.putIfAbsent("clip-high", own.getOrDefault("clip", ""));
        }
        PolicyGradient made = Settings.of(PolicyGradient.class).read(this, own);
        if (own.containsKey("baseline")) {
            requireOffered("baseline", made.objective.baseline(), preset.baselines());
        }
        if (own.containsKey("ratio")) {
            requireOffered("ratio", made.objective.ratio(), List.of(Ratio.TOKEN, Ratio.SEQUENCE));
        }
        return made;
    }

    private static <C> void requireOffered(String name, C chosen, List<C> offered) {
        if (!offered.contains(chosen)) {
            String words = offered.stream().map(Settings::word).collect(Collectors.joining(", "));
            throw InputException.ofSetting(name, Settings.word(chosen), "it is one of " + words);
        }
    }

    @Override
    public double stopAtKl() {
        return targetKl.orElse(Double.POSITIVE_INFINITY);
    }

    @Override
    public TrainingSettings at(TrainingSettings.Place place) {
        TrainingSettings settings = schedule.at(place, updates(), resets());
        // PPO's mean over all prompts would compare texts of one prompt with those of others alone
        boolean isOfPrompts = preset == Preset.PPO && objective.baseline() == Baseline.BATCH_MEAN;
        if (objective.baseline().isOfGroup() || isOfPrompts) {
            requireContrast(settings);
        }
        return settings;
    }

    /** A single draw less the mean of itself is nothing to learn from. */
    private void requireContrast(TrainingSettings settings) {
        if (!settings.population() && settings.samples() < 2) {
            String others = preset == Preset.REINFORCE
                    ? ", or baseline none"
                    : preset == Preset.PPO ? ", or baseline value" : "";
            throw InputException.ofSetting(
                    "samples",
                    Integer.toString(settings.samples()),
                    "what is taken off a text's return is a mean of the draws, and one draw is its own mean: it must be at least 2"
                            + others);
        }
    }

    private int updates() {
        return objective.ratio() == Ratio.NONE ? 1 : epochs;
    }

    private ReferenceReset resets() {
        return ReferenceReset.of(resetReference, schedule.steps()).of(objective, adaptiveKl);
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, TrainingSettings settings) {
        if (objective.baseline() == Baseline.BATCH_MEAN && task.prompts().size() == 1) {
            requireContrast(settings);
        }
        AdaptiveKl adaptive = new AdaptiveKl(adaptiveKl.orElse(Double.POSITIVE_INFINITY));
        LimitSearch search = targetKl.isPresent() ? null : LimitSearch.of(policy, task, settings, forces());
        int each = search == null ? updates() : 1; // expectations are fresh at each update
        return new PolicyGradientTraining(
                policy,
                RolloutSource.of(task, settings),
                new PolicyGradientTraining.Plan(objective, each, adaptive, resets()),
                Pace.of(settings, objective.beta() + objective.entropy()),
                search,
                head(policy, settings));
    }

    private @Nullable ValueHead head(TrainablePolicy policy, TrainingSettings settings) {
        if (objective.baseline() != Baseline.VALUE_HEAD) {
            return null;
        }
        if (!(policy instanceof ValuedPolicy valued)) {
            throw InputException.ofSetting(
                    "baseline", Baseline.VALUE_HEAD.word(), "this policy's states have no values");
        }
        Optimiser own = settings.optimiser();
        if (valueRate.isPresent()) {
            TrainingSettings.Place place =
                    policy instanceof LogitPolicy ? TrainingSettings.Place.TABLE : TrainingSettings.Place.MODEL;
            own = schedule.with("rate", valueRate)
                    .at(place, updates(), resets())
                    .optimiser();
        }
        return new ValueHead(valued.values(own));
    }

    private LimitSearch.Kind forces() {
        boolean free = objective.kl().isNoPenalty() || objective.beta() == 0; // where the path is that of no matter
        boolean coupled = objective.scale() != Scale.NONE && !objective.kl().isInReward() && !free;
        return objective.kl() == KlPlacement.LOSS_K3
                ? coupled ? LimitSearch.Kind.EXPONENTIAL_COUPLED : LimitSearch.Kind.EXPONENTIAL
                : coupled ? LimitSearch.Kind.COUPLED : LimitSearch.Kind.LINEAR;
    }

    @Override
    public Aim aim(RewardType type) {
        Aim one = PolicyGradientAim.of(this);
        return targetKl.isPresent() ? one : resets().composed(one, objective.beta());
    }

    @Override
    public Aim aimOnModels(RewardType type) {
        Aim tokens = PolicyGradientAim.tokenByToken(this);
        return tokens == null ? aim(type) : tokens;
    }

    @Override
    public Optional<TokenLimit> tokenLimit() {
        boolean changes = adaptiveKl.isPresent() || targetKl.isPresent() || resetReference.isPresent();
        return changes ? Optional.empty() : PolicyGradientAim.tokenLimit(objective);
    }
}
