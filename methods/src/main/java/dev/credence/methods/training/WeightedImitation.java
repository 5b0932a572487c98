package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.Range;
import dev.credence.methods.Selection;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Maximum likelihood of the policy's own texts, weighed by an exponential of the reward. A round that imitates without error
 * tilts the policy it drew from by r/β, so that n rounds are n/β copies of the reward; of weights that are capped the copies
 * end where the cap begins (docs/theory.md#weighted-imitation).
 *
 * @param kind what the weights are
 * @param beta temperature β of the weights
 * @param rounds how often the policy's own texts are drawn anew
 * @param maxWeight the largest weight; empty for the kind's
 * @param imitation how texts are imitated
 */
public record WeightedImitation(
        Kind kind,

        @Setting(help = "temperature of the weights; a round is 1/beta copies of the reward", range = Range.POSITIVE)
        double beta,

        @Setting(
                help = "how often texts are drawn anew from the policy and imitated",
                unit = "rounds",
                range = Range.COUNT)
        int rounds,

        @Setting(
                help = "largest weight of a text, where one of the mean reward weighs 1 (awr: 20 where not given)",
                range = Range.POSITIVE)
        OptionalDouble maxWeight,

        ImitationSettings imitation)
        implements ImitationMethod<WeightedImitation> {
    /** What the weights are. */
    public enum Kind {
        /** Peters and Schaal 2007: e^{r/β}. */
        RWR(
                "rwr",
                "imitate the policy's own texts weighed by e^(r/beta), in rounds",
                "Peters and Schaal 2007; docs/theory.md#weighted-imitation",
                Double.POSITIVE_INFINITY),
        /** Peng et al. 2019: e^{(r − V)/β}, at most 20, V the prompt's mean reward. */
        AWR(
                "awr",
                "imitate the policy's own texts weighed by e^((r - mean r)/beta), at most so much, in rounds",
                "Peng, Kumar, Zhang and Levine 2019; docs/theory.md#weighted-imitation",
                20);

        private final String word;
        private final String summary;
        private final String reference;
        private final double cap;

        Kind(String word, String summary, String reference, double cap) {
            this.word = word;
            this.summary = summary;
            this.reference = reference;
            this.cap = cap;
        }
    }

    /**
     * Checks the settings.
     *
     * @param kind any
     * @param beta positive and finite
     * @param rounds at least 1
     * @param maxWeight positive and finite
     * @param imitation any
     */
    public WeightedImitation {
        Settings.check(WeightedImitation.class, kind, beta, rounds, maxWeight, imitation);
    }

    /** RWR, one round, one copy. */
    public WeightedImitation() {
        this(Kind.RWR);
    }

    private WeightedImitation(Kind kind) {
        this(kind, 1, 1, OptionalDouble.empty(), ImitationSettings.STANDARD);
    }

    /**
     * Reward-weighted regression.
     *
     * @return one round at β = 1
     */
    public static WeightedImitation rwr() {
        return new WeightedImitation(Kind.RWR);
    }

    /**
     * Advantage-weighted regression.
     *
     * @return one round at β = 1, weights of at most 20
     */
    public static WeightedImitation awr() {
        return new WeightedImitation(Kind.AWR);
    }

    @Override
    public List<Conditioner> presets() {
        return Arrays.stream(Kind.values())
                .<Conditioner>map(WeightedImitation::new)
                .toList();
    }

    /**
     * At a temperature.
     *
     * @param temperature β, positive and finite
     * @return a changed copy
     */
    public WeightedImitation atKl(double temperature) {
        return new WeightedImitation(kind, temperature, rounds, maxWeight, imitation);
    }

    /**
     * So often.
     *
     * @param times at least 1
     * @return a changed copy
     */
    public WeightedImitation rounds(int times) {
        return new WeightedImitation(kind, beta, times, maxWeight, imitation);
    }

    /**
     * With weights of at most so much.
     *
     * @param most where a text of the mean reward weighs 1, above 0
     * @return a changed copy
     */
    public WeightedImitation maxWeight(double most) {
        return new WeightedImitation(kind, beta, rounds, OptionalDouble.of(most), imitation);
    }

    @Override
    public WeightedImitation imitating(ImitationSettings settings) {
        return new WeightedImitation(kind, beta, rounds, maxWeight, settings);
    }

    @Override
    public MethodCard card() {
        List<MethodOption> options = Settings.of(WeightedImitation.class).options(new WeightedImitation(kind));
        return new MethodCard(kind.word, List.of(), kind.summary, kind.reference, options);
    }

    private RewardLikelihood round() {
        double cap = maxWeight.orElse(kind.cap);
        return cap == Double.POSITIVE_INFINITY
                ? RewardLikelihood.tilt(1 / beta)
                : RewardLikelihood.clippedAdvantage(beta, cap);
    }

    @Override
    public Aim aim(RewardType type) {
        boolean capped = maxWeight.orElse(kind.cap) < Double.POSITIVE_INFINITY;
        return Aim.at(
                capped ? round().rounds(rounds) : RewardLikelihood.tilt(rounds / beta),
                "KL(weighted texts‖policy): imitation of weighted draws");
    }

    @Override
    public ImitationPlan plan(RewardType type) {
        return new ImitationPlan(Selection.weighedBy(round()), rounds, 0);
    }
}
