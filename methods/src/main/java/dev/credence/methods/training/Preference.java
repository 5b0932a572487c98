package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.Aim;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.Range;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.Arrays;
import java.util.List;

/**
 * The methods that fit log π/π0 itself to preferences between texts of the prior: DPO, IPO and KTO are one method with three
 * losses.
 *
 * @param loss what is fitted
 * @param beta implicit KL coefficient β; 1/β copies
 * @param schedule how long and how fast
 */
public record Preference(
        Loss loss,

        @Setting(help = "implicit KL coefficient: 1/beta copies of the reward", range = Range.POSITIVE)
        double beta,

        Schedule schedule)
        implements TrainedConditioner, Scheduled<Preference> {
    /** What is fitted. */
    public enum Loss {
        /** Rafailov et al. 2023. */
        DPO(
                "dpo",
                "fit preferences between texts of the prior; the reward is a Bradley-Terry logit. Its implicit reward beta log(policy/prior) fits any policy, so audit it against the reward itself",
                "Rafailov et al. 2023; docs/theory.md#preferences",
                "implicit KL coefficient: 1/beta copies of the reward"),
        /** Azar et al. 2024. */
        IPO(
                "ipo",
                "regress log-ratio gaps of preferred and other on 1/(2 beta); cannot run away where preferences are certain",
                "Azar et al. 2024; docs/theory.md#preferences",
                "its tau: 1/beta copies of the win rate against the prior"),
        /** Ethayarajh et al. 2024. */
        KTO(
                "kto",
                "raise what was preferred above the mean KL, lower what was not, with saturation; from single texts",
                "Ethayarajh et al. 2024; docs/theory.md#preferences",
                "implicit KL coefficient, the steepness of its value function");

        private final String word;
        private final String summary;
        private final String reference;
        private final String beta;

        Loss(String word, String summary, String reference, String beta) {
            this.word = word;
            this.summary = summary;
            this.reference = reference;
            this.beta = beta;
        }
    }

    /**
     * Checks the settings.
     *
     * @param loss any
     * @param beta positive and finite
     * @param schedule any
     */
    public Preference {
        Settings.check(Preference.class, loss, beta, schedule);
    }

    /** DPO at β = 1. */
    public Preference() {
        this(Loss.DPO, 1, Schedule.STANDARD);
    }

    /**
     * DPO (Rafailov et al. 2023): maximum likelihood of preferences with β log π/π0 as the reward. With preferences of all texts
     * drawn by Bradley–Terry it ends at the posterior of that reward; preferences without noise would send it to infinity.
     *
     * @return its standard settings
     */
    public static Preference dpo() {
        return new Preference(Loss.DPO, 1, Schedule.STANDARD);
    }

    /**
     * IPO (Azar et al. 2024): squares instead of DPO's logistic loss. Over all pairs of the prior it ends at the posterior of
     * another reward: how often a text beats the prior's.
     *
     * @return its standard settings
     */
    public static Preference ipo() {
        return new Preference(Loss.IPO, 1, Schedule.STANDARD);
    }

    /**
     * KTO (Ethayarajh et al. 2024), its data the halves of pairs: desirable if preferred. Its value function saturates, so that
     * no reward makes it a posterior.
     *
     * @return its standard settings
     */
    public static Preference kto() {
        return new Preference(Loss.KTO, 1, Schedule.STANDARD);
    }

    @Override
    public List<Conditioner> presets() {
        return Arrays.stream(Loss.values())
                .<Conditioner>map(each -> new Preference(each, 1, Schedule.STANDARD))
                .toList();
    }

    /**
     * At an implicit KL coefficient.
     *
     * @param coefficient β, positive and finite
     * @return a changed copy
     */
    public Preference atKl(double coefficient) {
        return new Preference(loss, coefficient, schedule);
    }

    @Override
    public Preference scheduled(Schedule other) {
        return new Preference(loss, beta, other);
    }

    @Override
    public MethodCard card() {
        List<MethodOption> options =
                Settings.of(Preference.class).options(new Preference(loss, 1, Schedule.STANDARD)).stream()
                        .map(option -> option.name().equals("beta") ? option.saying(loss.beta) : option)
                        .toList();
        return new MethodCard(loss.word, List.of(), loss.summary, loss.reference, options);
    }

    @Override
    public Aim aim(RewardType type) {
        return switch (loss) {
            case DPO ->
                Aim.at(
                        RewardLikelihood.tilt(1 / beta),
                        "KL(preferences‖those of the implicit reward), over pairs of the prior");
            case IPO -> Aim.at(new WinRate(1 / beta), "squared error of the log-ratio gaps, over pairs of the prior");
            case KTO ->
                Aim.atNoPosterior(
                        "texts that win more than half of their pairs, beta = " + FigureFormat.inWords(beta),
                        "minus the mean of a saturating value of log(policy/prior)",
                        "texts that lose more than half are driven out without end, and gains saturate for the others: no"
                                + " reward's posterior does that");
        };
    }

    @Override
    public TrainingSettings at(TrainingSettings.Place place) {
        return schedule.at(place);
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, TrainingSettings settings) {
        PreferenceLimit limit = PreferenceLimit.of(policy, task, settings, loss, beta);
        if (limit != null) {
            return limit;
        }
        PreferenceLoss ascended = switch (loss) {
            case DPO -> PreferenceLoss.dpo(beta);
            case IPO -> PreferenceLoss.ipo(beta);
            case KTO -> PreferenceLoss.kto(beta);
        };
        return new PreferenceTraining(policy, task, ascended, beta, settings);
    }
}
