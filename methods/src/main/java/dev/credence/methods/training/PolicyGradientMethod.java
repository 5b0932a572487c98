package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Aim;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The frame of the policy-gradient methods: a preset of {@link Surrogate}, what may be changed in it, and what follows. */
abstract class PolicyGradientMethod extends TrainedConditioner {
    static final MethodOption BETA =
            new MethodOption("beta", "1", "KL coefficient; 1/beta copies of the reward, 0 for the limit on the best");
    static final MethodOption ENTROPY =
            new MethodOption("entropy", "0", "coefficient of an entropy bonus, of whole texts");
    static final MethodOption GAMMA = new MethodOption("gamma", "1", "discount a token, in (0, 1]");
    static final MethodOption ADAPTIVE = new MethodOption(
            "adaptive-kl",
            "",
            "KL in nats a text that the coefficient is steered to; without it the coefficient stays");
    static final MethodOption TARGET =
            new MethodOption("target-kl", "", "stop at this KL from the prior, in nats a text");
    static final MethodOption EPOCHS = new MethodOption("epochs", "", "updates on each batch of rollouts");
    static final MethodOption CLIP = new MethodOption("clip", "0.2", "ratios count within 1 - clip and 1 + clip");
    static final MethodOption CLIP_HIGH = new MethodOption("clip-high", "", "the upper bound apart: 1 + clip-high");

    /**
     * What a method has of its own.
     *
     * @param baseline off the return
     * @param scale of advantages
     * @param ratio against the policy that drew
     * @param clipHigh standard upper clip
     * @param average over tokens
     * @param kl standard placement
     * @param epochs standard updates a batch
     */
    record Preset(
            Surrogate.Baseline baseline,
            Surrogate.Scale scale,
            Surrogate.Ratio ratio,
            double clipHigh,
            Surrogate.Average average,
            KlPlacement kl,
            int epochs) {}

    abstract Preset preset(MethodOptions options);

    /** Name, summary, source, and options that it has beyond those of all. */
    abstract MethodCard own();

    /** A preset without ratio and clip. */
    static Preset onPolicy(Surrogate.Baseline baseline, KlPlacement kl) {
        return new Preset(baseline, Surrogate.Scale.NONE, Surrogate.Ratio.NONE, 0.2, Surrogate.Average.SUM, kl, 1);
    }

    @Override
    public final MethodCard card() {
        MethodCard own = own();
        Preset preset = preset(MethodOptions.none());
        List<MethodOption> options = new ArrayList<>();
        options.add(BETA);
        options.add(placement(preset));
        options.add(ENTROPY);
        options.add(GAMMA);
        options.add(ADAPTIVE);
        options.add(TARGET);
        options.add(ReferenceReset.EVERY);
        if (preset.ratio() != Surrogate.Ratio.NONE) {
            options.add(new MethodOption(EPOCHS.name(), String.valueOf(preset.epochs()), EPOCHS.help()));
            options.add(CLIP);
            options.add(new MethodOption(CLIP_HIGH.name(), String.valueOf(preset.clipHigh()), CLIP_HIGH.help()));
        }
        options.addAll(own.options());
        options.addAll(TrainingSettings.OPTIONS);
        return new MethodCard(own.name(), own.aliases(), own.summary(), own.reference(), options);
    }

    private static MethodOption placement(Preset preset) {
        return new MethodOption("kl", preset.kl().word(), "where the KL penalty stands: " + KlPlacement.words() + "");
    }

    @Override
    public double stopAtKl(MethodOptions options) {
        return options.has(TARGET.name()) ? options.numberIn(TARGET, 0, Double.MAX_VALUE) : Double.POSITIVE_INFINITY;
    }

    @Override
    public final TrainingSettings settings(MethodOptions options, TrainingSettings.Place place) {
        return TrainingSettings.of(options, place, epochs(options), resets(options));
    }

    private int epochs(MethodOptions options) {
        Preset preset = preset(options);
        return preset.ratio() == Surrogate.Ratio.NONE
                ? 1
                : options.count(new MethodOption(EPOCHS.name(), String.valueOf(preset.epochs()), EPOCHS.help()));
    }

    @Override
    public final Training begin(
            TrainablePolicy policy, TrainingTask task, MethodOptions options, TrainingSettings settings) {
        return new PolicyGradientTraining(
                policy,
                source(task, settings),
                new PolicyGradientTraining.Plan(
                        surrogate(options), epochs(options), new AdaptiveKl(adaptiveTarget(options)), resets(options)),
                Pace.of(settings));
    }

    private ReferenceReset resets(MethodOptions options) {
        ReferenceReset resets = ReferenceReset.of(options);
        if (resets.stages() > 1) {
            Surrogate surrogate = surrogate(options);
            if (surrogate.placement().isNoPenalty() || surrogate.beta() == 0) {
                throw options.refuse(
                        ReferenceReset.EVERY,
                        "nothing holds the policy to a reference: --kl is "
                                + surrogate.placement().word() + ", --beta " + number(surrogate.beta()));
            }
            if (options.has(ADAPTIVE.name())) {
                throw options.refuse(
                        ReferenceReset.EVERY, "--adaptive-kl steers by the KL from the prior; give one of both");
            }
        }
        return resets;
    }

    private static double adaptiveTarget(MethodOptions options) {
        return options.has(ADAPTIVE.name())
                ? options.numberIn(ADAPTIVE, Double.MIN_NORMAL, Double.MAX_VALUE)
                : Double.POSITIVE_INFINITY;
    }

    Surrogate surrogate(MethodOptions options) {
        Preset preset = preset(options);
        double clip = options.numberIn(CLIP, 0, Double.MAX_VALUE);
        double high = options.has(CLIP_HIGH.name())
                ? options.numberIn(CLIP_HIGH, 0, Double.MAX_VALUE)
                : options.has(CLIP.name()) ? clip : preset.clipHigh();
        double gamma = options.number(GAMMA);
        if (!(gamma > 0 && gamma <= 1)) {
            throw options.refuse(GAMMA, "it must be in (0, 1]");
        }
        return new Surrogate(
                preset.baseline(),
                preset.scale(),
                preset.ratio(),
                clip,
                high,
                preset.average(),
                KlPlacement.of(options.text(placement(preset))),
                options.numberIn(BETA, 0, Double.MAX_VALUE),
                options.numberIn(ENTROPY, 0, Double.MAX_VALUE),
                gamma);
    }

    @Override
    public final Aim aim(MethodOptions options) {
        Surrogate surrogate = surrogate(options);
        Aim one = aimOfOneStage(options, surrogate);
        return options.has(TARGET.name()) ? one : resets(options).composed(one, surrogate.beta());
    }

    private static Aim aimOfOneStage(MethodOptions options, Surrogate s) {
        String beta = number(s.beta());
        if (options.has(TARGET.name())) {
            return Aim.atNoPosterior(
                    "a path stopped at " + options.text(TARGET) + " nats",
                    Aim.REVERSE,
                    "where a stopped run stands on its way depends on optimiser and parameters; of the natural gradient alone it"
                            + " is known");
        }
        if (s.gamma() < 1) {
            return Aim.atNoPosterior(
                    "a reward discounted by " + s.gamma() + " a token",
                    Aim.REVERSE,
                    "early tokens pay less of the penalty than they cause, so the sum is no KL of whole texts (texts of one"
                            + " token excepted)");
        }
        if (options.has(ADAPTIVE.name())) {
            double nats = adaptiveTarget(options);
            return new Aim(
                    "the reward, as many copies as cost " + number(nats) + " nats",
                    Aim.REVERSE,
                    null,
                    null,
                    s.placement() == KlPlacement.REWARD_K1 && s.entropy() == 0
                            ? null
                            : "this placement of the penalty gives none",
                    (prior, reward) -> Limits.atKl(prior, reward, nats));
        }
        if (s.entropy() > 0) {
            return entropyAim(s, beta);
        }
        if (s.placement().isNoPenalty() || s.beta() == 0) {
            return Aim.atNoPosterior(
                            "nothing but the largest rewards",
                            "none",
                            s.placement() == KlPlacement.LOSS_K1
                                    ? "k1 in the loss has an expected gradient of zero: it is no penalty, and any"
                                            + " distribution on the largest rewards is an optimum"
                                    : "without a penalty any distribution on the largest rewards is an optimum; the path decides")
                    .tendingTo(Limits::best);
        }
        return s.scale() == Surrogate.Scale.NONE || s.placement().isInReward()
                ? plainAim(s, beta)
                : standardisedAim(s, beta);
    }

    private static Aim entropyAim(Surrogate s, String beta) {
        Aim aim = Aim.atNoPosterior(
                "the reward under a flattened prior, prior^(" + number(s.beta() / (s.beta() + s.entropy())) + ")",
                Aim.REVERSE,
                "an entropy bonus flattens the prior: the optimum is prior^(b/(a+b)) e^(r/(a+b)) with a = "
                        + number(s.entropy()) + ", b = " + beta);
        boolean known = s.scale() == Surrogate.Scale.NONE && (s.placement().isSequenceKl() || s.beta() == 0);
        return known
                ? aim.tendingTo((prior, reward) -> Limits.entropyBonus(prior, reward, s.beta(), s.entropy()))
                : aim;
    }

    private static Aim plainAim(Surrogate s, String beta) {
        return switch (s.placement()) {
            case LOSS_K3 ->
                Aim.atNoPosterior(
                                "no evidence: beta*prior/(L - r) with beta = " + beta,
                                "KL(prior‖policy) as a penalty",
                                "k3 in the loss has the gradient of KL(prior‖policy): the optimum beta*prior/(L - r) is rational in"
                                        + " the reward; no number of copies gives it")
                        .tendingTo((prior, reward) -> Limits.k3(prior, reward, s.beta()));
            case REWARD_K3 ->
                Aim.atNoPosterior(
                        "no evidence",
                        "none",
                        "k3 in the reward has the gradient of KL(policy‖prior) - KL(prior‖policy), which can point away from the"
                                + " prior");
            case MEAN_TOKEN ->
                Aim.atNoPosterior(
                                "copies in proportion to a text's own length",
                                "the penalty divided by the text's length",
                                "a mean over tokens makes the multiplicity of a text grow with its own length (texts of one length"
                                        + " excepted)")
                        .tendingTo((prior, reward) -> Limits.meanToken(prior, reward, s.beta()));
            default -> Aim.at(RewardLikelihood.tilt(1 / s.beta()), Aim.REVERSE);
        };
    }

    private static Aim standardisedAim(Surrogate s, String beta) {
        String scale = "rewards divided by their standard deviation under the policy, beta = " + beta;
        if (s.placement() == KlPlacement.LOSS_K3) {
            Aim aim = Aim.atNoPosterior(
                    scale + ", against KL(prior‖policy)",
                    "KL(prior‖policy) as a penalty",
                    "the fixed point policy*(1 - A/beta) = prior is rational in the advantage A, and the deviation in A is the"
                            + " policy's own: no posterior, and more strength the nearer it is to the best");
            return s.scale() == Surrogate.Scale.GROUP_STD
                    ? aim.tendingTo((prior, reward) -> Limits.standardisedK3(prior, reward, s.beta()))
                    : aim;
        }
        Aim aim = Aim.atNoPosterior(
                scale,
                Aim.REVERSE,
                "only copies times the policy's own standard deviation are set: the strength differs by prompt and has no fixed"
                        + " point below a critical beta");
        return s.scale() == Surrogate.Scale.GROUP_STD
                ? aim.tendingTo((prior, reward) -> Limits.standardisedTilt(prior, reward, s.beta()))
                : aim;
    }

    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.4g", value);
    }
}
